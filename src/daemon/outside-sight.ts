import { agentOf, type OutsideProduct, outsideProduct, outsideProducts } from "../agents/outside.ts";
import type { OwnRecord } from "../agents/outside.ts";
import { sessionAbove } from "../client/host-above.ts";
import type { Pane } from "../protocol/outside.ts";
import type { Environment } from "./environment.ts";
import {
  folderOf,
  readAllRunning,
  readRunning,
  type Running,
  runningAs,
  lineOf,
} from "../processes/running.ts";
import { readEnvironment } from "../processes/table.ts";
import type { FoundPane, Tmux } from "./tmux.ts";

/** An agent that runs and that no host of ours started. */
export interface Sighting {
  readonly agent: string;
  readonly running: Running;
  readonly pane: Pane | null;
  readonly record: OwnRecord | null;
}

/** What a host of Dispatch runs has this in its environment; a product may keep its own from whoever looks. */
const RUN_MARK = "\0DISPATCH_RUN=";

/** The agent whose hook a process is: the nearest one above it. Null where there is none, or a host of ours runs it. */
export function agentAbove(reporter: string): { agent: string; running: Running } | null {
  const hook = runningAs(reporter);
  if (!hook) return null;
  for (const running of lineOf(hook)) {
    const agent = agentOf(running.argv);
    if (agent !== null) return isOwnRun(running) ? null : { agent, running };
  }
  return null;
}

/** Every agent that is to be seen in a pane of tmux, or by its product's own records. */
export async function sightings(tmux: Tmux, environment: Environment): Promise<Sighting[]> {
  const found = new Map<string, Sighting>();
  const panes = await tmux.panes();
  const agents = panes.length === 0 ? [] : runningAgents();
  for (const pane of panes) {
    const sighting = inPane(pane, environment, agents);
    if (sighting) found.set(sighting.running.mark, sighting);
  }
  for (const product of outsideProducts())
    for (const pid of product.recorded(environment)) {
      const sighting = recordedOne(product, pid, environment);
      if (sighting && !found.has(sighting.running.mark)) found.set(sighting.running.mark, sighting);
    }
  return [...found.values()];
}

/** The agent that a pane takes its input for; null where another program, such as a shell, stands there. */
export function inPane(
  { pid, ...pane }: FoundPane,
  environment: Environment,
  agents: readonly Running[] = runningAgents(),
): Sighting | null {
  const front = readRunning(pid)?.foreground ?? -1;
  if (front < 0) return null;
  const group = agents.filter((each) => each.group === front);
  const running = group.find((each) => !group.some(({ parent }) => parent === each.pid));
  if (!running || isOwnRun(running)) return null;
  return sightingOf(running, pane, environment);
}

function runningAgents(): Running[] {
  return readAllRunning().filter(({ argv }) => agentOf(argv) !== null);
}

/** True where a terminal is open that a server's conversation in this folder may be shown in. */
export function isShown(agent: string, folder: string): boolean {
  return readAllRunning().some(
    (each) =>
      each.foreground >= 0 &&
      agentOf(each.argv) === agent &&
      (folderOf(each) === folder || each.argv.some((word) => word === "-C" || word === "--cd")),
  );
}

function recordedOne(product: OutsideProduct, pid: number, environment: Environment): Sighting | null {
  const running = readRunning(pid);
  if (!running || agentOf(running.argv) !== product.agent || isOwnRun(running)) return null;
  const sighting = sightingOf(running, null, environment);
  return sighting.record ? sighting : null;
}

function sightingOf(running: Running, pane: Pane | null, environment: Environment): Sighting {
  const agent = agentOf(running.argv)!;
  const record = outsideProduct(agent)?.recordOf(running, environment) ?? null;
  return { agent, running, pane, record };
}

/** True for what a host of Dispatch runs. Where the system does not say, it is taken for none. */
function isOwnRun({ pid }: Running): boolean {
  return readEnvironment(pid).includes(RUN_MARK) || sessionAbove(pid) !== null;
}
