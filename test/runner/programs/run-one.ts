// Runs one test file as `npm test` does and prints the outcome: a test cannot do so itself, since test runs do not nest.
import { runFile } from "../run-file.ts";

const [root, path] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await runFile(root!, path!, new AbortController().signal)));
