// What a run says: a line for each part as it ends, every failure in full, and the counts at the very end.

export interface Failure {
  readonly name: string;
  /** The file, or the command. */
  readonly place: string;
  /** Message and stack. */
  readonly details: string;
}

/** What came of one test file or check. */
export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  readonly failures: readonly Failure[];
  /** What a failed file wrote. */
  readonly output: string;
}

const SLOWEST = 5;

/** One line, and the failures in full below it. */
export function outcomeLines({ name, passed, failed, skipped, seconds, failures, output }: Outcome): string[] {
  const counts = [
    failed > 0 ? `${failed} failed` : "",
    `${passed} passed`,
    skipped > 0 ? `${skipped} skipped` : "",
  ].filter(Boolean);
  const lines = [`${failed > 0 ? "✘" : "✔"} ${name}: ${counts.join(", ")} (${seconds.toFixed(1)} s)`];
  for (const failure of failures)
    lines.push("", `  ✘ ${failure.name}`, `    in ${failure.place}`, indent(failure.details, 6));
  if (output !== "") lines.push("", "  it wrote:", indent(output, 6));
  if (failures.length > 0) lines.push("");
  return lines;
}

/** The end of a run; the last line holds the counts. */
export function summaryLines(outcomes: readonly Outcome[]): string[] {
  const total = (key: "passed" | "failed" | "skipped") => outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
  const slowest = outcomes.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  const skipped = total("skipped");
  return [
    "",
    "slowest:",
    ...slowest.map(({ name, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${name}`),
    ...(failures.length === 0 ? [] : ["", "failed:", ...failures.map(({ name, place }) => `  ${place}: ${name}`)]),
    "",
    `${total("passed")} passed, ${total("failed")} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`,
  ];
}

/** Whether the run as a whole is good: nothing failed, and something ran. */
export function isGood(outcomes: readonly Outcome[]): boolean {
  return outcomes.every(({ failed }) => failed === 0) && outcomes.some(({ passed }) => passed > 0);
}

function indent(text: string, by: number): string {
  return text.replace(/^/gm, " ".repeat(by));
}
