// Takes the pictures of Temporal's Web UI that docs/operate.md shows, from a loop under experiment: `npm run pictures`.
// Needs a Chromium: RATCHET_CHROMIUM, or /usr/bin/chromium.
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { clearAway, dataFolder, start } from "../start/running-start.ts";
import { type HelperLoop, liveUnderExperiment } from "./helper-loop.ts";

const FOLDER = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const VIEW = { width: 1360, height: 860 };
/** The Web UI asks for what it shows after the page has loaded, and does not say when it is done. */
const SETTLED = 3_000;

const executablePath = process.env.RATCHET_CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(executablePath)) {
  process.stderr.write("there is no Chromium: install one, and name it in RATCHET_CHROMIUM\n");
  process.exit(2);
}

const folder = dataFolder();
const running = await start(folder);
let browser: Browser | undefined;
try {
  const loop = await liveUnderExperiment(running.document);
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-background-networking"] });
  const page = await browser.newPage({ viewport: VIEW });
  await takeAll(page, running.document.temporal_ui!, loop);
} finally {
  await browser?.close();
  running.process.kill("SIGTERM");
  await running.ended;
  await clearAway(folder);
}

async function takeAll(page: Page, ui: string, { name, cycleId, experimentId }: HelperLoop): Promise<void> {
  const workflows = `${ui}/namespaces/default/workflows`;
  const take = async (file: string) => {
    await page.screenshot({ path: `${FOLDER}${file}.png` });
    process.stdout.write(`docs/images/${file}.png\n`);
  };
  const open = async (address: string) => {
    await page.goto(address, { waitUntil: "load" });
    await sleep(SETTLED);
  };
  const openTab = async (workflowId: string, tab: string) => {
    await open(`${workflows}/${encodeURIComponent(workflowId)}`); // leads on to the newest run
    await open(page.url().replace(/\/history$/, `/${tab}`));
  };

  await open(`${workflows}?query=${encodeURIComponent(`\`Loop\`="${name}"`)}`);
  await chooseColumns(page);
  await take("temporal-list");
  await openTab(`experiment/${experimentId}`, "user-metadata");
  await take("temporal-experiment");
  await open(`${workflows}/${encodeURIComponent(`experiment/${experimentId}`)}`);
  await take("temporal-looks");
  await openTab(`cycle/${cycleId}`, "user-metadata");
  await take("temporal-cycle");
  await page.setViewportSize({ ...VIEW, height: 1_140 }); // down to the note
  await open(`${ui}/namespaces/default/schedules/${encodeURIComponent(`pulse/${name}`)}`);
  await take("temporal-schedule");
}

/** As docs/operate.md tells people to: the columns that say how a loop stands, in place of those that do not. */
async function chooseColumns(page: Page): Promise<void> {
  await page.getByTestId("workflows-summary-table-configuration-button").click();
  for (const column of ["Run ID", "Type", "End"]) await page.getByLabel(`Remove ${column} column`).click();
  for (const column of ["Loop", "Stage", "Verdict"]) await page.getByLabel(`Add ${column} column`).click();
  await page.getByTestId("drawer-close-button").click();
  await page.getByLabel("Collapse saved views").click();
  await sleep(SETTLED);
}
