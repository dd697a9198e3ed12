import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { modelTable } from "../model-table.ts";
import { usageError } from "../parse.ts";

export const modelsAdd = command({
  operands: ["NAME"],
  flags: {
    agent: { value: "NAME", help: "the agent that runs it" },
    default: { help: "and use it where a task names none" },
  },
  async run({ client, output }, { operands, flags }) {
    if (flags.agent === undefined) throw usageError("--agent is missing", "dispatch agents");
    const body = { name: operands[0]!, agent: flags.agent, isDefault: flags.default === true };
    await output.show(await client.call("addModel", {}, body), ({ models }, look) =>
      modelTable(models, look),
    );
    return EXIT.done;
  },
});
