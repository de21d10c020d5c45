// Whatever changes something says why: the reason stands in the audit log beside the actor.
import { type Command, InvalidArgumentError } from "commander";

/** Adds the required --reason. */
export function withReason(command: Command): Command {
  return command.requiredOption("--reason <text>", "why: it is kept in the audit log", (text: string) => {
    if (text.trim() === "") throw new InvalidArgumentError('say why, as --reason "approved after the review".');
    return text.trim();
  });
}
