// What an operator does and sees, by the HTTP API: sets the loop up, follows it, decides.
import { z } from "zod";
import { type ApiClient, read } from "../cli/api-client.ts";
import { pageOf } from "../cli/page.ts";
import type { Utterance } from "../sandbox/corpus.ts";
import {
  type Cycle,
  cycle,
  type Experiment,
  experiment,
  type Model,
  model,
  promotion,
  type Status,
  status,
} from "./answers.ts";

export interface Operator {
  /** Creates the loop, or brings it to these settings. */
  applySettings(settings: object): Promise<void>;
  /** Adds cases to the gold set that the settings name. */
  addGold(cases: readonly Utterance[]): Promise<void>;
  /** A key that can serve and rate, and nothing else. */
  applicationKey(): Promise<string>;
  status(): Promise<Status>;
  /** The newest cycle's id; null when there was none. */
  newestCycle(): Promise<string | null>;
  /** A cycle with what it made so far. */
  cycle(id: string): Promise<Cycle>;
  models(): Promise<Model[]>;
  experiment(id: string): Promise<Experiment>;
  decide(experimentId: string, decision: "approve" | "reject", reason: string): Promise<void>;
  /** Whether a promotion by this experiment is on record, and who made it. */
  promotedBy(experimentId: string): Promise<string | null>;
  /** How many ratings the server has counted. */
  countedRatings(): Promise<number>;
}

const newKey = z.object({ key: z.string() });
const summary = z.object({ summary: z.array(z.object({ total_feedback: z.number() })) });

/** The operator of one loop. Every call throws a Fault with the server's own words. */
export function createOperator(api: ApiClient, loop: string): Operator {
  const base = `/api/loops/${loop}`;
  return {
    async applySettings(settings) {
      await api.put(base, { settings, reason: "the demo's compressed time" });
    },
    async addGold(utterances) {
      const cases = utterances.map(({ text, label }) => ({
        input: text,
        expected: { action: label },
        scorer: "json-subset",
      }));
      await api.post(`${base}/gold`, { cases, reason: "what every model here must get right" });
    },
    async applicationKey() {
      const asked = { name: "simulated application", scopes: ["serve", "feedback"], loop, reason: "simulated users" };
      return read(newKey, await api.post("/api/keys", asked)).key;
    },
    async status() {
      return read(status, await api.get(`${base}/status`));
    },
    async newestCycle() {
      return (
        read(pageOf(z.object({ id: z.string() })), await api.get(`${base}/cycles`, { limit: 1 })).data[0]?.id ?? null
      );
    },
    async cycle(id) {
      return read(cycle, await api.get(`${base}/cycles/${id}`));
    },
    async models() {
      return read(pageOf(model), await api.get(`${base}/models`)).data;
    },
    async experiment(id) {
      return read(experiment, await api.get(`${base}/experiments/${id}`));
    },
    async decide(id, decision, reason) {
      await api.post(`/api/experiments/${id}/${decision}`, { reason }, { loop });
    },
    async promotedBy(experimentId) {
      const { data } = read(pageOf(promotion), await api.get(`${base}/promotions`));
      return (
        data.find(({ experiment_id, kind }) => experiment_id === experimentId && kind === "promotion")?.actor ?? null
      );
    },
    async countedRatings() {
      const { summary: rows } = read(summary, await api.get("/api/feedback", { type: "summary", loop }));
      return rows.reduce((sum, row) => sum + row.total_feedback, 0);
    },
  };
}
