import { callerEnvironment } from "../../client/environment.ts";
import type { CallAnswer, CallInput } from "../../protocol/api.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Look, table, uncut } from "../output.ts";

type SetUp = CallAnswer<"setUp">;

/** Answers that name no model, after which the best one is taken. */
const MAX_QUESTIONS = 3;

export const setup = command({
  operands: [],
  details:
    "Finds the agents of this machine, asks them for their models, and writes what is missing into the configuration. Again it keeps what you wrote and adds what is new.",
  flags: {
    yes: { help: "ask nothing: the best model that works is the default", short: "y" },
    print: { help: "show what would be written, and write nothing" },
  },
  async run(context, { flags }) {
    const found = await findOut(context, { print: flags.print === true, yes: flags.yes === true });
    await context.output.show(found, (view, look) => (flags.print ? view.text : setupText(view, look)));
    return EXIT.done;
  },
});

async function findOut(context: Context, { print, yes }: { print: boolean; yes: boolean }): Promise<SetUp> {
  const input: CallInput<"setUp"> = { environment: callerEnvironment(context.environment) };
  if (print) return context.client.call("setUp", {}, { ...input, apply: false, ask: false });
  const asks = !yes && !context.output.json && context.output.look.terminal && process.stdin.isTTY;
  if (!asks) return context.client.call("setUp", {}, input);
  await context.output.raw("Looking for agents and their models…\n");
  const found = await context.client.call("setUp", {}, { ...input, apply: false });
  if (found.choices.length === 0) return context.client.call("setUp", {}, { ...input, ask: false });
  await context.output.raw(`${agentTable(found, context.output.look)}\n\n`);
  const chosen = await askDefault(context, found);
  const { agents, notes } = found;
  const written = await context.client.call("setUp", {}, { ...input, ask: false, default: chosen });
  return { ...written, agents, notes: written.notes.length > 0 ? written.notes : notes };
}

/** The default that a person names by its name or number; nothing keeps the one that is proposed. */
async function askDefault({ output }: Context, { choices, default: proposed }: SetUp): Promise<string> {
  const best = proposed !== null && choices.includes(proposed) ? proposed : choices[0]!;
  const list = choices.map((name, index) => `  ${index + 1}. ${name}`).join("\n");
  const question = `Which model do tasks use that name none?\n${list}\nDefault [${best}]: `;
  await output.raw(question);
  let asked = 1;
  for await (const line of console) {
    const answer = line.trim();
    const chosen =
      answer === "" ? best : (choices[Number(answer) - 1] ?? choices.find((each) => each === answer));
    if (chosen !== undefined) return chosen;
    if (++asked > MAX_QUESTIONS) break;
    await output.raw(`${answer} is none of them. Default [${best}]: `);
  }
  return best;
}

function setupText(view: SetUp, look: Look): string {
  const next =
    view.choices.length === 0
      ? ["No coding agent can start here yet. Get one and log in, then: dispatch setup"]
      : [look.dim(`Next: dispatch run "<task>"   dispatch models   dispatch doctor`)];
  const changes =
    view.changes.length === 0
      ? [view.text === "" ? `Nothing was written to ${view.path}.` : `${view.path} needs no change.`]
      : [`Wrote ${view.path}:`, ...view.changes.map((change) => `  ${change}`)];
  const notes = view.notes.map((note) => look.colour("yellow", `Note: ${note}`));
  return [agentTable(view, look), "", ...changes, ...notes, ...next].join("\n");
}

function agentTable({ agents }: SetUp, look: Look): string {
  return table(
    agents.map((each) => [
      look.bold(each.agent),
      each.installed ? (each.version ?? "installed") : "not installed",
      each.models > 0 ? `${each.models} models` : "",
      each.problem ? `${each.problem}: ${each.hint ?? ""}` : (each.failure ?? ""),
    ]),
    uncut(look),
  );
}
