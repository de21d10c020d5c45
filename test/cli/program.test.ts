import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "commander";
import { createProgram } from "../../src/cli/program.ts";

test("every command explains itself with examples that its own options understand", () => {
  const { program } = createProgram({ in: process.stdin, out: process.stdout, err: process.stderr });
  const leaves = program.commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
  assert.ok(leaves.length > 25);
  for (const command of leaves) {
    const help = helpOf(command);
    const examples = /Examples:\n([\s\S]+?)$/.exec(help)?.[1] ?? assert.fail(`${command.name()} has no examples`);
    const known = [...command.options, ...program.options].map((option) => option.long);
    for (const [option] of examples.matchAll(/(?<= )--[a-z-]+/g))
      assert.ok(known.includes(option), `${command.name()}: ${option}`);
    for (const option of command.options.filter(({ mandatory }) => mandatory))
      assert.ok(examples.includes(option.long!), `${command.name()}: the examples leave out ${option.long}`);
  }
});

function helpOf(command: Command): string {
  const parts: string[] = [];
  command.configureOutput({ writeOut: (part) => void parts.push(part) });
  command.outputHelp();
  return parts.join("");
}
