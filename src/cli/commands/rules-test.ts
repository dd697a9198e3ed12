import type { CallAnswer, CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Look } from "../output.ts";
import { PERMISSIONS } from "../run-request.ts";

const WORDS = { allow: "allowed", ask: "asks", deny: "denied" } as const;
const COLOURS = { allow: "green", ask: "yellow", deny: "red" } as const;
const EXITS = { allow: EXIT.done, ask: EXIT.waits, deny: EXIT.refused } as const;

export const rulesTest = command({
  operands: ["[COMMAND]"],
  details: "Nothing is run. Exit code: 0 allowed, 4 asks, 5 denied.",
  examples: [
    "dispatch rules test 'git status && rm -rf build' --permissions edits",
    "dispatch rules test --tool edit --path src/a.ts",
  ],
  flags: {
    tool: { value: "NAME", help: "a tool instead of a command" },
    path: { value: "FILE", help: "the file that the tool works on" },
    workspace: { value: "FOLDER", help: "where: a folder, a workspace's name or id (default: here)" },
    permissions: { value: "PRESET", choices: PERMISSIONS, help: "the preset (default: that of tasks there)" },
  },
  async run({ client, output }, { operands, flags }) {
    const query: CallInput<"testRules"> = { workspace: flags.workspace ?? process.cwd() };
    if (operands[0] !== undefined) query.command = operands[0];
    if (flags.tool !== undefined) query.tool = flags.tool;
    if (flags.path !== undefined) query.path = flags.path;
    if (flags.permissions !== undefined)
      query.permissions = flags.permissions as (typeof PERMISSIONS)[number];
    const answer = await client.call("testRules", {}, query);
    await output.show(answer, testText);
    return EXITS[answer.judgement.effect];
  },
});

function testText({ judgement, permissions, folder }: CallAnswer<"testRules">, look: Look): string {
  const lines = judgement.parts.map(({ text, effect, because, rule }) => {
    const by = rule === null ? "" : look.dim(` ${rule}`);
    return `  ${look.colour(COLOURS[effect], WORDS[effect].padEnd(7))}  ${text}\n           ${because}${by}`;
  });
  const whole = look.colour(COLOURS[judgement.effect], WORDS[judgement.effect]);
  return [`${whole}, with the preset ${permissions} in ${folder}`, ...lines].join("\n");
}
