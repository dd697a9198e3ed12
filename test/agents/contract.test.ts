import { afterAll } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { acpDriver } from "../../src/agents/acp/driver.ts";
import type { AgentCommand } from "../../src/agents/adapters.ts";
import type { AcpRow, ExecRow } from "../../src/agents/agent-row.ts";
import { agentRow } from "../../src/agents/catalog.ts";
import { driverContract, type Need, type Subject, type Work } from "../../src/agents/contract.ts";
import { execCommand } from "../../src/agents/exec-command.ts";
import { execDriver } from "../../src/agents/exec/driver.ts";
import { agentCommand, programPath } from "../../src/agents/launch.ts";
import { modelInUse } from "../../src/agents/scripted/memory.ts";
import { scriptOf } from "../../src/agents/scripted/work.ts";
import { CURSOR } from "../e2e/fake-products.ts";
import { AbilityTable } from "./ability-table.ts";
import { marker, type Call, type Script, type Step } from "./model/script.ts";
import { startModelServer } from "./model/server.ts";
import manifest from "./package.json";
import { HOMES_PARENT, prepareHome, PRODUCTS, type Product } from "./products.ts";

const LIMIT_MS = 400_000;
const TALK_MS = 60_000;
const TALK = "and so on ".repeat(1_000);

/** What no product is asked for: a flood of its model's. What lives on when its turn or its input ended is the host's to end. */
const NO_FLOOD = { flood: "its model is not that fast" };
const HARMLESS = { "gate of all": "what is harmless runs unasked" };
const LATE_COMMANDS = {
  "commands end with their turn": "its commands leave its group, and end with the run",
};
const NEVER_ASKED = { gate: "nobody can be asked by a one-shot command" };
const BY_FILES = without("it has the files of its task folder", "ask", "tick", "finish");

/** What is left out of each product's tests, and why. */
const LACKS: Readonly<Record<string, Subject["lacks"]>> = {
  claude: NO_FLOOD,
  codex: {
    ...NO_FLOOD,
    ...HARMLESS,
    todos: "its newest models are offered no todo tool",
    ...LATE_COMMANDS,
  },
  gemini: {
    ...NO_FLOOD,
    ...HARMLESS,
    todos: "it shows no todo's text",
    usage: "it reports none",
    "ends with its input": "it lives on without its input",
  },
  opencode: NO_FLOOD,
  qwen: {
    ...NO_FLOOD,
    ...HARMLESS,
    ...BY_FILES,
    todos: "its todo tool is found by a search only",
    usage: "it reports none",
  },
  copilot: { ...NO_FLOOD, ...HARMLESS, ...BY_FILES, todos: "it has no todo tool" },
  pi: {
    ...NO_FLOOD,
    ...BY_FILES,
    usage: "it reports none",
    gate: "it never asks",
    todos: "it has no todo tool",
  },
  "claude-exec": { ...NO_FLOOD, ...NEVER_ASKED, todos: "its todo tool writes one line a call" },
  "codex-exec": {
    ...NO_FLOOD,
    ...NEVER_ASKED,
    todos: "its newest models are offered no todo tool",
    ...LATE_COMMANDS,
  },
  "gemini-exec": { ...NO_FLOOD, ...NEVER_ASKED, ...BY_FILES, ...LATE_COMMANDS },
  "opencode-exec": { ...NO_FLOOD, ...NEVER_ASKED, ...LATE_COMMANDS },
  "qwen-exec": {
    ...NO_FLOOD,
    ...NEVER_ASKED,
    ...BY_FILES,
    todos: "its todo tool is found by a search only",
  },
  cursor: {
    usage: "its documentation tells of none",
    gate: "its own settings say what it asks about",
  },
  "cursor-exec": {
    ...NEVER_ASKED,
    ...BY_FILES,
    usage: "its documentation tells of none",
    todos: "its documentation tells of none",
  },
};
/** Models that are on offer beside the default ones. */
const OTHER_MODELS: Readonly<Record<string, { id: string; asked: string }>> = {
  claude: { id: "haiku", asked: "claude-haiku-5-5" },
  codex: { id: "gpt-5.5", asked: "gpt-5.5" },
  gemini: { id: "gemini-2.5-pro", asked: "gemini-2.5-pro" },
  opencode: { id: "scripted/scripted-other", asked: "scripted-other" },
  qwen: { id: "scripted-other(openai)", asked: "scripted-other" },
  "qwen-exec": { id: "scripted-other", asked: "scripted-other" },
  copilot: { id: "scripted-other", asked: "scripted-other" },
  pi: { id: "scripted/scripted-other", asked: "scripted-other" },
};

function without(reason: string, ...needs: Need[]): Subject["lacks"] {
  return Object.fromEntries(needs.map((need) => [need, reason]));
}

const PACKAGES = {
  claude: "@anthropic-ai/claude-code",
  codex: "@openai/codex",
  gemini: "@google/gemini-cli",
  opencode: "opencode-ai",
  qwen: "@qwen-code/qwen-code",
  copilot: "@github/copilot",
  pi: "@earendil-works/pi-coding-agent",
} as const;

/** Each turn of these starts a program for seconds, which makes minutes: they are run for the table only. */
const SLOW_FORMS: ReadonlySet<Product> = new Set(["opencode", "qwen"]);

/** Room for all that a stand-in floods with, in characters. */
const STAND_IN_TEXT = 2 ** 30;

const scripts: Record<string, Script> = {};
const model = startModelServer(scripts);
const table = new AbilityTable();
const root = mkdtempSync(join(HOMES_PARENT, "dispatch-contract-"));
const standIns = join(root, "bin");
mkdirSync(standIns);
writeFileSync(join(standIns, "cursor-agent"), `#!/bin/sh\n${CURSOR}\n`, { mode: 0o755 });
afterAll(async () => {
  await model.close();
  rmSync(root, { recursive: true });
  const page = process.env.AGENTS_TABLE;
  if (page) writeFileSync(page, table.markdown(new Date().toISOString().slice(0, 10)));
});

for (const product of PRODUCTS) {
  driverContract(subjectOf(product, agentRow(product) as AcpRow));
  const form = agentRow(`${product}-exec`);
  if (form !== null && (process.env.AGENTS_TABLE || !SLOW_FORMS.has(product)))
    driverContract(subjectOf(product, form as ExecRow));
}

driverContract(standInOf(agentRow("cursor") as AcpRow));
driverContract(standInOf(agentRow("cursor-exec") as ExecRow));

/** A product that is on no registry: the scripted agent behind a command line that does what its documentation says. */
function standInOf(row: AcpRow | ExecRow): Subject {
  const isAcp = row.protocol === "acp";
  const name = isAcp ? row.name : `${row.name} as a one-shot command`;
  table.add(name, "stand-in");
  let home = root;
  return {
    name: `the stand-in for ${name}`,
    record: (ability, showing) => table.record(name, ability, showing),
    driver: isAcp ? acpDriver(row) : execDriver(row, { maxText: STAND_IN_TEXT }),
    async launch(place) {
      home = place.home;
      const environment = { PATH: `${standIns}${delimiter}${process.env.PATH}` };
      const start = await startOf(row, environment);
      return {
        agent: "cursor",
        command: start.command,
        environment: { ...environment, ...start.environment },
      };
    },
    tell: (work) => ({ prompt: scriptOf(work), plan: ["the only item"] }),
    lacks: LACKS[row.agent]!,
    model: { id: "scripted-small", asked: "scripted-small", lastAsked: () => modelInUse(home) },
    recalled: /turns 3/,
    limitMs: LIMIT_MS,
  };
}

function subjectOf(product: Product, row: AcpRow | ExecRow): Subject {
  const isAcp = row.protocol === "acp";
  const name = isAcp ? row.name : `${row.name} as a one-shot command`;
  table.add(name, versionOf(product));
  return {
    name,
    record: (ability, showing) => table.record(name, ability, showing),
    driver: isAcp ? acpDriver(row) : execDriver(row),
    async launch({ home }) {
      const own = join(root, home.replaceAll("/", "-"));
      const environment = await prepareHome(product, { home: own, modelUrl: model.url });
      const start = await startOf(row, environment);
      return {
        agent: product,
        command: start.command,
        environment: { ...environment, ...start.environment },
      };
    },
    tell(work) {
      const name = crypto.randomUUID();
      scripts[name] = answersFor(isAcp ? work : work.flatMap(heard));
      return { prompt: `Please ${marker(name)}`, plan: ["the only item"] };
    },
    lacks: LACKS[row.agent]!,
    model: {
      ...(OTHER_MODELS[row.agent] ?? OTHER_MODELS[product]!),
      lastAsked: () => model.seen.findLast(({ script }) => script)?.model,
    },
    recalled: /turns [23]/, // the turn that it is killed in may be lost before it is on its disk
    limitMs: LIMIT_MS,
  };
}

/** The version that this folder's package file pins. */
function versionOf(product: Product): string {
  return manifest.dependencies[PACKAGES[product]];
}

/** A one-shot command prints a text when it is whole, so that what talks long is heard by a command first. */
function heard(work: Work): Work[] {
  return work.do === "talk" ? [{ do: "run", command: "echo talking" }, work] : [work];
}

/** The strictest that it can be kept to. */
async function startOf(row: AcpRow | ExecRow, environment: Record<string, string>): Promise<AgentCommand> {
  if (row.protocol === "exec") {
    const words = [programPath(row, environment)];
    return execCommand(row, { words, permissions: "all", thinking: null });
  }
  const place = { home: join(root, "dispatch"), self: process.execPath };
  const choices = { permissions: "ask", thinking: null, configured: null } as const;
  return agentCommand(row, { ...choices, environment, ...place });
}

/** One answer of the model for each piece of work. What is said goes with the call after it, since it would end the turn. */
function answersFor(work: readonly Work[]): Script {
  const steps: Step[] = [];
  let text = "";
  for (const each of work) {
    const step = stepOf(each);
    if (step.calls === undefined && step.overMs === undefined) {
      text += step.text ?? "";
      continue;
    }
    steps.push({ ...step, text: text + (step.text ?? "") });
    text = "";
  }
  return [...steps, { text: text || "The last result was: $RESULT" }];
}

function stepOf(work: Work): Step {
  switch (work.do) {
    case "say":
      return { text: work.text };
    case "talk":
      return { text: TALK, overMs: TALK_MS };
    case "recall":
      return { text: "turns $MARKERS" };
    case "read":
      return calling({ do: "read", path: work.path });
    case "edit":
      return calling({ do: "write", path: work.path, content: work.content });
    case "run":
      return calling({ do: "shell", command: work.command });
    case "todos":
      return calling({ do: "plan", items: work.items.map((text) => ({ text, state: "pending" })) });
    case "ask":
      return calling({ do: "mcp", tool: "ask", input: { question: work.question } });
    case "tick":
      return calling({
        do: "mcp",
        tool: "plan_update",
        input: { items: [{ item: work.item, mark: "done" }] },
      });
    case "finish":
      return calling({ do: "mcp", tool: "finish", input: { summary: work.summary } });
    case "flood":
      throw new Error("no product floods");
  }
}

function calling(call: Call): Step {
  return { calls: [call] };
}
