import { join } from "node:path";
import { acpDriver } from "./acp/driver.ts";
import type { AcpRow } from "./agent-row.ts";
import { agentRow } from "./catalog.ts";
import { driverContract, type Subject, type Work } from "./contract.ts";
import { shellDriver } from "./shell/driver.ts";

const LIMIT_MS = 30_000;
const TALK = "while :; do echo talking; sleep 0.01; done";

function scriptedStep(work: Work): string {
  switch (work.do) {
    case "say":
      return `text ${work.text}`;
    case "talk":
      return "stream 100 1000000";
    case "edit":
      return `edit ${work.path} ${work.content}`;
    case "run":
      return `run ${work.command}`;
    case "ask":
      return `ask ${work.question}`;
    case "todos":
      return `plan ${work.items.join("|")}`;
    case "tick":
      return `tick ${work.item}`;
    case "finish":
      return `finish ${work.summary}`;
    case "flood":
      return `flood ${work.lines} ${work.bytes}`;
    case "recall":
      return "recall";
  }
}

const scripted: Subject = {
  name: "the scripted agent, over ACP",
  driver: acpDriver(agentRow("acp") as AcpRow),
  async launch() {
    const program = join(import.meta.dir, "scripted", "agent.ts");
    const command = [process.execPath, "--no-env-file", "--config=/dev/null", program];
    return { agent: "scripted", command };
  },
  tell: (work) => ({
    prompt: work.map((each) => `scripted: ${scriptedStep(each)}`).join("\n"),
    plan: ["the only item"],
  }),
  lacks: new Set(),
  recalled: /turns 3/,
  limitMs: LIMIT_MS,
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
  lacks: new Set(["ask", "todos", "flood", "recall", "process", "resume"]),
  limitMs: LIMIT_MS,
};

driverContract(scripted);
driverContract(shell);
