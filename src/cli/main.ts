#!/usr/bin/env node
// The operator's command: `npx ratchet …`.
import { createProgram } from "./program.ts";
import { exitCodeOf, explain } from "./terminal/explain.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0); // whoever reads has seen enough: `ratchet cycle list | head`
});

const { program, context } = createProgram({ in: process.stdin, out: process.stdout, err: process.stderr });
try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
  if (process.exitCode !== 0)
    context.err.write(explain(error, { json: context.json || process.argv.includes("--json") }));
}
