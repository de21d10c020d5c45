// A thread that prepares rows: what the pool runs.
import { prepareRows } from "./prepare-rows.ts";

export default prepareRows;
