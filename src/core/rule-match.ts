import { DispatchError } from "../base/error.ts";
import type { RuleMatch } from "../protocol/rule.ts";

/** What joins commands or has one run inside another, outside of quotes. */
const MORE_THAN_ONE = /[;&|<>()`\n]|\$\(/;

/** @throws DispatchError `invalid` for what could match nothing, or everything by mistake */
export function checkMatch({ tool, command, path }: RuleMatch): void {
  const hint = "dispatch rules add --help";
  if (tool === null && command === null && path === null)
    throw new DispatchError("invalid", "a rule needs a command, a --tool or a --path", { hint });
  if (command !== null && path !== null)
    throw new DispatchError("invalid", "a rule names a command or a path, not both", { hint });
  if (command?.trim() === "") throw new DispatchError("invalid", "the command is empty", { hint });
  const bare = command?.replace(/'[^']*'|\\[^]/g, "") ?? "";
  if (bare.includes("'"))
    throw new DispatchError("invalid", "a quote in the command is not closed", { hint });
  if (bare.includes('"'))
    throw new DispatchError("invalid", "a command is quoted with ' in a rule, not with \"", { hint });
  if (MORE_THAN_ONE.test(bare))
    throw new DispatchError("invalid", "a rule names one command; what joins several is judged apart", {
      hint: "add a rule for each",
    });
}
