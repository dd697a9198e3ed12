import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { acpDriver } from "../../src/agents/acp/driver.ts";
import type { AcpRow } from "../../src/agents/agent-row.ts";
import { agentRow } from "../../src/agents/catalog.ts";
import { driverContract, type Subject, type Work } from "../../src/agents/contract.ts";
import { agentCommand } from "../../src/agents/launch.ts";
import { marker, type Call, type Script, type Step } from "./model/script.ts";
import { startModelServer } from "./model/server.ts";
import { HOMES_PARENT, prepareHome, PRODUCTS, type Product } from "./products.ts";

const LIMIT_MS = 180_000;
const TALK_MS = 60_000;
const TALK = "and so on ".repeat(1_000);

/**
 * What no product is asked for is a flood. Codex offers its newest models no todo tool, and ends an interrupted command
 * late. Gemini shows no todo's text, and lives on when its input ends. What lives on is the host's to end.
 */
const LACKS: Readonly<Record<Product, Subject["lacks"]>> = {
  claude: new Set(["flood"]),
  codex: new Set(["flood", "todos", "commands end with their turn"]),
  gemini: new Set(["flood", "todos", "ends with its input"]),
  opencode: new Set(["flood"]),
};

const scripts: Record<string, Script> = {};
const model = startModelServer(scripts);
const root = mkdtempSync(join(HOMES_PARENT, "dispatch-contract-"));
afterAll(async () => {
  await model.close();
  rmSync(root, { recursive: true });
});

for (const product of PRODUCTS) driverContract(subjectOf(product));

function subjectOf(product: Product): Subject {
  const row = agentRow(product) as AcpRow;
  return {
    name: row.name,
    driver: acpDriver(row),
    async launch({ home }) {
      const own = join(root, home.replaceAll("/", "-"));
      const environment = await prepareHome(product, { home: own, modelUrl: model.url });
      const place = { home: join(root, "dispatch"), self: process.execPath };
      const choices = { permissions: "ask", thinking: null, configured: null } as const;
      const start = await agentCommand(row, { ...choices, environment, ...place });
      return {
        agent: product,
        command: start.command,
        environment: { ...environment, ...start.environment },
      };
    },
    tell(work) {
      const name = crypto.randomUUID();
      scripts[name] = scriptOf(work);
      return { prompt: `Please ${marker(name)}`, plan: ["the only item"] };
    },
    lacks: LACKS[product],
    recalled: /turns [23]/, // the turn that it is killed in may be lost before it is on its disk
    limitMs: LIMIT_MS,
  };
}

/** One answer of the model for each piece of work. What is said goes with the call after it, since it would end the turn. */
function scriptOf(work: readonly Work[]): Script {
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
