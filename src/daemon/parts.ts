import type { Ledger } from "./commit.ts";
import type { ConfigFile } from "./config.ts";
import type { Environment, Environments } from "./environment.ts";
import type { KnownAgents } from "./known-agents.ts";
import type { Log } from "./log.ts";
import type { NoticeInbox } from "./notice-inbox.ts";
import type { OutsideSessions } from "./outside.ts";
import type { Policy } from "./policy.ts";
import type { Projects } from "./projects.ts";
import type { RoutingIndex } from "./routing-index.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Schedules } from "./schedules.ts";
import type { SearchIndex } from "./search-index.ts";
import type { Supervisor } from "./supervisor.ts";
import type { SweepTimers } from "./sweep-timers.ts";
import type { Tenancy } from "./tenancy.ts";
import type { Turns } from "./turns.ts";
import type { Webhooks } from "./webhooks.ts";

/** What every part of the daemon stands on. */
export interface Ground {
  readonly home: string;
  /** The argv that runs this program. */
  readonly self: readonly string[];
  /** The daemon's own environment, as it was started with. */
  readonly environment: Environment;
  readonly ledger: Ledger;
  readonly config: ConfigFile;
  readonly log: Log;
  readonly policy: Policy;
}

/** The parts of a running daemon, as handlers see them. */
export interface Parts extends Ground {
  readonly environments: Environments;
  readonly knownAgents: KnownAgents;
  readonly scheduler: Scheduler;
  readonly supervisor: Supervisor;
  readonly sweepTimers: SweepTimers;
  /** Work on worktrees, one job at a time for each. */
  readonly turns: Turns;
  readonly projects: Projects;
  readonly routing: RoutingIndex;
  readonly tenancy: Tenancy;
  readonly search: SearchIndex;
  readonly schedules: Schedules;
  readonly webhooks: Webhooks;
  readonly inbox: NoticeInbox;
  readonly outside: OutsideSessions;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The loopback port that is served; null when there is none. */
  port(): number | null;
  /** What a person should know of this daemon's state, each one sentence. */
  notices(): string[];
  /** Ends the daemon once running calls are answered; returns at once. Agents go on. */
  stop(): void;
}
