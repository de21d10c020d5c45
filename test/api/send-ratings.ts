// Traffic of the past days with its ratings, sent to the API as an application would.
import type { ApiWorld } from "./api-world.ts";

/**
 * Users who come one after the other, evenly over the days up to now, each for so many answers, all of them rated. About four
 * thumbs of five are up: one user of ten likes nothing, the others nearly everything. `effort` and `quality` come with them, or alone.
 */
export async function sendRatings(
  world: ApiWorld,
  loop: string,
  {
    users,
    each,
    days,
    send: what = ["thumb"],
    variant = "champion",
  }: {
    users: number;
    each: number;
    days: number;
    send?: readonly ("thumb" | "effort" | "quality")[];
    /** Who the application says has answered; null says nothing. */
    variant?: "champion" | null;
  },
): Promise<void> {
  const total = users * each;
  const rows = Array.from({ length: total }, (_, number) => {
    const user = Math.floor(number / each);
    const liked = user % 10 !== 0 && (number + user) % 9 !== 0;
    const at = new Date(world.now - days * 86_400_000 * (1 - number / total)).toISOString();
    const quality = what.includes("quality") ? { quality: 0.5 + 0.1 * (number % 5) } : {};
    return {
      id: `${loop}-${number}`,
      user_id: `user-${user}`,
      at,
      ...(variant === null ? {} : { variant }),
      ...quality,
      value: liked ? 1 : -1,
      effort: 1 + (number % 5),
    };
  });
  const said = { messages: [{ role: "user", content: "wake me at seven" }], response: "done" };
  const send = async (path: string, body: unknown[]) => {
    const { status, text } = await world.ask("POST", `${path}?loop=${loop}`, { body });
    if (status >= 300) throw new Error(`${path} answered ${status}: ${text}`);
  };
  for (let from = 0; from < total; from += 100) {
    const some = rows.slice(from, from + 100);
    await send(
      "/api/interactions",
      some.map(({ value: _, effort: __, ...row }) => ({ ...row, ...said })),
    );
    const feedback = some.flatMap(({ id, user_id, value, effort }) => {
      const about = { interaction_id: id, user_id };
      return [
        ...(what.includes("thumb") ? [{ ...about, value }] : []),
        ...(what.includes("effort") ? [{ ...about, name: "effort", value: effort }] : []),
      ];
    });
    if (feedback.length > 0) await send("/api/feedback", feedback);
  }
}
