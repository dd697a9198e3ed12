import { type Environment, listed } from "./environment.ts";
import { agentVariables } from "./known-agents.ts";
import type { Parts } from "./parts.ts";

/** Keeps what a caller's environment may give to the agent of a task, or of a session without one, for its next start. */
export function keepEnvironment(
  parts: Pick<Parts, "environments" | "config">,
  key: string,
  environment: Environment | undefined,
): void {
  if (environment) parts.environments.keep(key, listed(environment, agentVariables(parts.config.last())));
}
