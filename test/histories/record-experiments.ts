// Experiments in every way they can end or be found under way, in skipped time.
import { rollBack } from "../../src/store/promotions.ts";
import type { World } from "../support/world.ts";
import { loopLife, QUICK } from "../workflows/loop-life.ts";
import type { Keep } from "./record.ts";
import { WIRE } from "./record-cycles.ts";

const WHO = { actor: "ada", reason: "a recording" };
/** Few looks: a look is eleven events. */
const DAYS = {
  share: 0.5,
  lookEvery: "12 hours",
  minEvidence: "12 hours",
  minDuration: "24 hours",
  maxDuration: "3 days",
};
const SHORT = { ...QUICK, experiment: DAYS, probation: { duration: "1 day" } };
const AUTOMATIC = { ...SHORT, promotion: { mode: "automatic" } };
const BETTER = { users: 200, approval: { champion: 0.5, challenger: 0.9 } };
const NOBODY = { users: 20, approval: { champion: 0.5, challenger: 0.5 } };

export async function recordExperiments(world: World, keep: Keep): Promise<void> {
  const life = loopLife(world);
  const settled = (id: string) => life.experimentHandle(id).result();

  /** An experiment under way in a loop of this name, its people having come. */
  async function begin(name: string, settings: Record<string, unknown>, people = BETTER): Promise<string> {
    await world.applyLoop({ name, ...settings });
    const id = await life.underExperiment(name);
    await world.tryOut(name, people);
    return id;
  }
  const tell = (id: string, what: string, more = {}) =>
    life.experimentHandle(id).executeUpdate(what, { args: [{ ...WHO, ...more }] });
  async function untilStatus(id: string, status: string): Promise<void> {
    while ((await life.only("select status from experiment where id = $1", id)).status !== status)
      await world.environment.sleep("12 hours");
    await world.environment.sleep("1 hour"); // from the look: see experiment-ends.test.ts
  }
  async function end(name: string, id: string): Promise<void> {
    await settled(id);
    await keep(`experiment-${name}`, `experiment/${id}`);
  }
  async function undo(loop: string, id: string): Promise<void> {
    await world.database.db.withLoop(loop, (tx) => rollBack(tx, loop, WHO, new Date()));
    await world.workflows.tellExperiment(id);
  }
  const remove = async (loop: string) => {
    const { address } = await life.only(
      "select provider->>'model' as address from model where name = $1",
      `${loop}-v1`,
    );
    await world.providers.client({ provider: "sandbox", baseURL: null }).models.delete(address as string);
  };

  const asked = await begin("approved", SHORT);
  await untilStatus(asked, "awaiting_approval");
  await keep("experiment-under-way-awaiting-approval", `experiment/${asked}`);
  await tell(asked, "approve");
  await end("approved", asked);

  const refused = await begin("rejected", SHORT);
  await life.experimentHandle(refused).signal("pause", WHO);
  await life.experimentHandle(refused).signal("reject", WHO);
  await end("rejected", refused);

  const stopped = await begin("stopped", SHORT, NOBODY);
  await world.environment.sleep("13 hours");
  await tell(stopped, "stop");
  await end("stopped", stopped);

  await end("approval-timed-out", await begin("lonely", { ...SHORT, promotion: { approvalTimeout: "1 day" } }));
  await end("harmful", await begin("harmful", SHORT, { users: 200, approval: { champion: 0.9, challenger: 0.3 } }));
  const demanding = { ...SHORT, experiment: { ...DAYS, minLift: 0.5 } };
  await end("futile", await begin("futile", demanding, { users: 300, approval: { champion: 0.6, challenger: 0.6 } }));
  await end("inconclusive", await begin("inconclusive", SHORT, NOBODY));

  const longer = await begin("longer", SHORT, NOBODY);
  for (const by of ["12 hours", "12 hours"]) await tell(longer, "extend", { by });
  await end("extended-twice", longer);

  const paused = await begin("night", AUTOMATIC);
  await tell(paused, "pause");
  await world.environment.sleep("37 hours");
  await keep("experiment-under-way-paused", `experiment/${paused}`);
  await tell(paused, "resume");
  await end("paused-over-night", paused);

  const gone = await begin("gone", { ...SHORT, ...WIRE }, NOBODY);
  await remove("gone");
  await end("model-gone", gone);

  const lost = await begin("lost", { ...AUTOMATIC, ...WIRE });
  await untilStatus(lost, "probation");
  await remove("lost");
  await end("rolled-back-without-model", lost);

  await end("kept", await begin("kept", AUTOMATIC));

  const undone = await begin("undone", { ...AUTOMATIC, probation: { duration: "9 days" } });
  await untilStatus(undone, "probation");
  await world.environment.sleep("13 hours");
  await keep("experiment-under-way-in-probation", `experiment/${undone}`);
  await undo("undone", undone);
  await end("rolled-back", undone);

  const open = await begin("open", SHORT, NOBODY);
  await world.environment.sleep("13 hours");
  await tell(open, "extend", { by: "2 days" });
  await world.environment.sleep("12 hours");
  await keep("experiment-under-way", `experiment/${open}`);
}
