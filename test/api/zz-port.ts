import { openApiWorld } from "./api-world.ts";
const w = await openApiWorld();
await w.loop({ name: "demo" });
const key = await w.key(["admin"], "demo");
const free = await w.key(["admin"]);
async function time(name: string, n: number, f: (i: number) => Promise<unknown>) {
  await f(-1);
  const t = performance.now(); for (let i = 0; i < n; i++) await f(i);
  process.stdout.write(`${name} ${((performance.now() - t) / n).toFixed(1)} ms\n`);
}
await time("healthz", 50, () => w.ask("GET", "/healthz"));
await time("routing bound", 50, () => w.ask("GET", "/api/loops/demo/routing", { key }));
await time("routing free", 50, () => w.ask("GET", "/api/loops/demo/routing", { key: free }));
await time("rating", 50, (i) => w.ask("POST", "/api/feedback", { key, body: { interaction_id: `x${i}`, value: 1 } }));
await time("rating of 100", 10, (i) => w.ask("POST", "/api/feedback", { key, body: Array.from({ length: 100 }, (_, j) => ({ interaction_id: `y${i}-${j}`, value: 1 })) }));
await time("interaction", 50, (i) => w.ask("POST", "/api/interactions", { key, body: { id: `x${i}`, messages: [{ role: "user", content: "hi" }], response: "a" } }));
await time("chat", 30, () => w.ask("POST", "/v1/chat/completions", { key, body: { model: "demo", messages: [{ role: "user", content: "hi" }] } }));
const t = performance.now(); const N = 200;
await Promise.all(Array.from({ length: 8 }, async (_, k) => { for (let i = 0; i < N / 8; i++) await w.ask("POST", "/api/feedback", { key, body: { interaction_id: `z${k}-${i}`, value: 1 } }); }));
process.stdout.write(`${(N / ((performance.now() - t) / 1000)).toFixed(0)} ratings/s at 8\n`);
await w.close(); process.exit(0);
