import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { modelTable } from "../model-table.ts";

export const modelsAdd = command({
  operands: ["NAME"],
  flags: {
    agent: { value: "NAME", help: "the agent that runs it (default: the one that offers it)" },
    default: { help: "and use it where a task names none" },
  },
  async run({ client, output }, { operands, flags }) {
    const agent = flags.agent === undefined ? {} : { agent: flags.agent };
    const body = { name: operands[0]!, isDefault: flags.default === true, ...agent };
    await output.show(await client.call("addModel", {}, body), ({ models }, look) =>
      modelTable(models, look),
    );
    return EXIT.done;
  },
});
