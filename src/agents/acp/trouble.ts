import type { AgentFailure, Turn } from "../driver.ts";
import { failureEnd } from "../failure-end.ts";
import { limitOf } from "../reached-limit.ts";
import { pointInTime } from "../reset-time.ts";
import type { Update } from "./messages.ts";

const MAX_LAST_WORDS_CHARS = 2_048;

/**
 * What a running turn's updates tell of its failing. Claude Code's adapter says in its usage when a limit is over;
 * Codex's tells an error before each of its own retries, and at the end says that the thread failed, puts the error's
 * words in the conversation, and then ends the turn as if all were well.
 */
export class Trouble {
  #resetsAt: number | null = null;
  #retried: unknown;
  #lastWords: string | null = null;

  hear(update: Update): void {
    if (update.sessionUpdate === "usage_update") {
      const limit = update._meta?.["_claude/rateLimit"];
      if (limit?.status === "rejected" && limit.resetsAt !== null)
        this.#resetsAt = pointInTime(limit.resetsAt);
    }
    if (update.sessionUpdate === "session_info_update") {
      const codex = update._meta?.codex;
      this.#retried = codex?.error ?? this.#retried;
      if (codex?.threadStatus?.type === "systemError") this.#lastWords = "";
      if (codex?.threadStatus?.type === "active") this.#lastWords = null;
    }
    if (
      update.sessionUpdate === "agent_message_chunk" &&
      this.#lastWords !== null &&
      "text" in update.content
    )
      this.#lastWords = (this.#lastWords + update.content.text).slice(0, MAX_LAST_WORDS_CHARS);
  }

  /** The end of a turn that failed without an error of the protocol; null: nothing tells of that. */
  get turn(): Turn | null {
    if (this.#lastWords === null) return null;
    return this.failed({ message: this.#lastWords.trim() || "the agent's turn failed", data: this.#retried });
  }

  /** The end of a turn that the agent answered with an error. */
  failed(error: AgentFailure): Turn {
    const limit = limitOf(error, Date.now());
    if (limit === null) return { end: failureEnd(error), message: error.message };
    return {
      end: "error",
      message: error.message,
      limit: { ...limit, resetsAt: limit.resetsAt ?? this.#resetsAt },
    };
  }
}
