// SQL as a template: the text stays whole and visible, values travel apart from it.

/** A piece of SQL: pieces may stand inside other pieces. */
export interface Sql {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
  /** Planned once for each connection, and then again only when the server finds it worth while. */
  readonly prepared?: true;
}

/** sql`select … where loop = ${loop}`: a value becomes a parameter, a nested Sql is spliced in. */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  const texts: string[] = [strings[0]!];
  const parameters: unknown[] = [];
  values.forEach((value, index) => {
    const following = strings[index + 1]!;
    if (isSql(value)) {
      texts[texts.length - 1] += value.strings[0]!;
      texts.push(...value.strings.slice(1));
      texts[texts.length - 1] += following;
      parameters.push(...value.values);
    } else {
      parameters.push(value);
      texts.push(following);
    }
  });
  const piece: Sql = { strings: texts, values: parameters };
  pieces.add(piece);
  return piece;
}

// Only what the tag made is spliced in: an object of someone's that merely looks like a piece stays a value.
const pieces = new WeakSet<object>();

/**
 * The same, planned once for each connection. For statements that every request runs: planning a join over the partitions
 * takes several times as long as running it. Not for `select *`, whose plans break when a migration adds a column.
 */
export function prepared(query: Sql): Sql {
  const piece: Sql = { ...query, prepared: true };
  pieces.add(piece);
  return piece;
}

/** The text with numbered parameters, as the driver wants it. */
export function textOf(query: Sql): string {
  return query.strings.reduce((text, part, index) => `${text}$${index}${part}`);
}

function isSql(value: unknown): value is Sql {
  return typeof value === "object" && value !== null && pieces.has(value);
}
