import { join } from "node:path";
import { acpDriver } from "./acp/driver.ts";
import type { AcpRow, ExecRow } from "./agent-row.ts";
import { agentRow } from "./catalog.ts";
import { driverContract, type Need, type Subject, type Work } from "./contract.ts";
import { execCommand } from "./exec-command.ts";
import { execDriver } from "./exec/driver.ts";
import { scriptOf } from "./scripted/work.ts";
import { shellDriver } from "./shell/driver.ts";

const LIMIT_MS = 120_000;
const TALK = "while :; do echo talking; sleep 0.01; done";

function without(reason: string, ...needs: Need[]): Subject["lacks"] {
  return Object.fromEntries(needs.map((need) => [need, reason]));
}

/** What is seen of a product only beside the service behind it. */
const NO_SERVER = without("the products show it", "usage", "model");

const BUN = [process.execPath, "--no-env-file", "--config=/dev/null"];
const tellScript: Subject["tell"] = (work) => ({ prompt: scriptOf(work), plan: ["the only item"] });

const scripted: Subject = {
  name: "the scripted agent, over ACP",
  driver: acpDriver(agentRow("acp") as AcpRow),
  async launch() {
    const program = join(import.meta.dir, "scripted", "agent.ts");
    return { agent: "scripted", command: [...BUN, program] };
  },
  tell: tellScript,
  lacks: { ...NO_SERVER, read: "it asks nobody to read" },
  recalled: /turns 3/,
  limitMs: LIMIT_MS,
};

function oneShot(agent: string): Subject {
  const row = agentRow(agent) as ExecRow;
  const words = [...BUN, join(import.meta.dir, "scripted", "one-shot.ts")];
  return {
    name: `a one-shot command, as ${agent}`,
    driver: execDriver(row, { maxText: 2 ** 30 }),
    async launch() {
      return { agent, ...execCommand(row, { words, permissions: "all", thinking: null }) };
    },
    tell: tellScript,
    lacks: ONE_SHOT_LACKS[agent]!,
    recalled: /turns 3/,
    limitMs: LIMIT_MS,
  };
}

/** Nobody can be asked by a run that takes nothing but its prompt; plain text says nothing of tools and remembers nothing. */
const ONE_SHOT_LACKS: Readonly<Record<string, Subject["lacks"]>> = {
  "claude-exec": { ...NO_SERVER, gate: "nobody can be asked" },
  exec: {
    ...NO_SERVER,
    ...without("it is plain text", "gate", "edit", "ask", "todos", "tick", "finish", "flood", "recall"),
  },
};

/** The commands by which the shell agent does the work; what it does by itself needs none. */
function commands(work: Work): string[] {
  switch (work.do) {
    case "say":
      return [`echo ${work.text}`];
    case "talk":
      return [TALK];
    case "edit":
      return [`echo ${work.content} > ${work.path}`];
    case "run":
      return [work.command];
    case "tick":
      return ["true"];
    case "read":
    case "ask":
    case "todos":
    case "finish":
    case "flood":
    case "recall":
      return [];
  }
}

const shell: Subject = {
  name: "the shell agent",
  driver: shellDriver,
  launch: async () => ({ agent: "shell" }),
  tell: (work) => ({ prompt: "begin", plan: work.flatMap(commands).map((command) => `do: \`${command}\``) }),
  lacks: {
    ...NO_SERVER,
    ...without("it is no agent", "read", "ask", "todos", "flood", "recall", "process", "resume"),
  },
  limitMs: LIMIT_MS,
};

driverContract(scripted);
driverContract(oneShot("claude-exec"));
driverContract(oneShot("exec"));
driverContract(shell);
