import type { Usage } from "../../protocol/session.ts";
import type { ExecRow } from "../agent-row.ts";

interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * Makes what a product reports into what the log wants: tokens since the report before, and the cost of the session.
 * A product that counts its tokens from the start of the conversation says at the first report of a resumed one how many
 * there were, but not how many are new: those of that run are not told, so that none is told twice.
 */
export class Meter {
  readonly #row: Pick<ExecRow, "cost" | "tokens">;
  #cost: number;
  #counted: Tokens | null;

  constructor(
    row: Pick<ExecRow, "cost" | "tokens">,
    { cost, isResumed }: { cost: number; isResumed: boolean },
  ) {
    this.#row = row;
    this.#cost = cost;
    this.#counted = isResumed ? null : { inputTokens: 0, outputTokens: 0 };
  }

  read({ inputTokens, outputTokens, cost, ...rest }: Usage): Usage {
    return {
      ...rest,
      ...(inputTokens === undefined || outputTokens === undefined
        ? {}
        : this.#tokens({ inputTokens, outputTokens })),
      ...(cost === undefined ? {} : { cost: this.#costOf(cost) }),
    };
  }

  #tokens(now: Tokens): Partial<Tokens> {
    if (this.#row.tokens === "step") return now;
    const before = this.#counted;
    this.#counted = now;
    if (before === null) return {};
    return {
      inputTokens: Math.max(0, now.inputTokens - before.inputTokens),
      outputTokens: Math.max(0, now.outputTokens - before.outputTokens),
    };
  }

  #costOf(cost: number): number {
    this.#cost = this.#row.cost === "step" ? this.#cost + cost : cost;
    return this.#cost;
  }
}
