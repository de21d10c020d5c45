// Whatever changes something says why: the reason stands in the audit log beside the actor.
import { type Command, InvalidArgumentError } from "commander";

/** What --reason is for. */
export const WHY = "why: it is kept in the audit log";

/** Adds the required --reason. */
export function withReason(command: Command): Command {
  return command.requiredOption("--reason <text>", WHY, reasonText);
}

/** The reason as given, or commander's error that asks for one. */
export function reasonText(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError('say why, as --reason "approved after the review".');
  return text.trim();
}
