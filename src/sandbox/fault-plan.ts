// Decides which faults strike which request; it does none of the damage itself. Faults last until they are cleared or the process ends.
import type { FaultKind, Route, SandboxFault } from "./fault-document.ts";
import { seededRandom } from "./seeded-random.ts";

type Of<Kind extends FaultKind> = Extract<SandboxFault, { kind: Kind }>;

interface Planned {
  readonly id: string;
  readonly fault: SandboxFault;
  readonly random: () => number;
  fired: number;
}

export class FaultPlan {
  #planned: Planned[] = [];
  #made = 0;
  #fired: Record<string, number> = {};

  add(faults: readonly SandboxFault[]): void {
    for (const fault of faults)
      this.#planned.push({ id: `fault-${++this.#made}`, fault, random: seededRandom(fault.seed), fired: 0 });
  }

  /** Every fault with its id and how often it has struck, the used-up ones included. */
  list(): (SandboxFault & { id: string; fired: number })[] {
    return this.#planned.map(({ id, fault, fired }) => ({ id, ...fault, fired }));
  }

  clear(): void {
    this.#planned = [];
  }

  /** Whether there was one of that id. */
  remove(id: string): boolean {
    const before = this.#planned.length;
    this.#planned = this.#planned.filter((planned) => planned.id !== id);
    return this.#planned.length < before;
  }

  /** How often each kind has struck since the start. */
  fired(): Readonly<Record<string, number>> {
    return this.#fired;
  }

  /**
   * The first fault of these kinds that strikes here and now, counted as struck; null when none does. `concerns` narrows
   * further, for faults that name a model. Chance is drawn only for a fault that is otherwise due.
   */
  take<Kind extends FaultKind>(
    route: Route,
    kinds: readonly Kind[],
    concerns: (fault: Of<Kind>) => boolean = () => true,
  ): Of<Kind> | null {
    for (const planned of this.#planned) {
      const { fault } = planned;
      if (!isOneOf(fault, kinds) || !strikes(fault, route) || !concerns(fault)) continue;
      if (fault.times !== undefined && planned.fired >= fault.times) continue;
      if (fault.probability < 1 && planned.random() >= fault.probability) continue;
      planned.fired++;
      this.#fired[fault.kind] = (this.#fired[fault.kind] ?? 0) + 1;
      return fault;
    }
    return null;
  }
}

function isOneOf<Kind extends FaultKind>(fault: SandboxFault, kinds: readonly Kind[]): fault is Of<Kind> {
  return (kinds as readonly FaultKind[]).includes(fault.kind);
}

function strikes(fault: SandboxFault, route: Route): boolean {
  if (!("route" in fault)) return true;
  return fault.route === "*" || fault.route === route || route.startsWith(`${fault.route}.`);
}
