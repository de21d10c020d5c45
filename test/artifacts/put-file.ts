// A process of its own that keeps a file once it is told to: arguments are the address, the loop and the file's path.
import { once } from "node:events";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";

const [address, loop, path] = process.argv.slice(2) as [string, string, string];
const artifacts = openArtifacts(address);
await artifacts.check(); // the SDK is loaded and connected before the start
process.send!("ready");
await once(process, "message");
process.send!(await artifacts.putFile(loop, path));
process.disconnect();
