import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { modelTable } from "../model-table.ts";

export const modelsRemove = command({
  operands: ["NAME"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("removeModel", { model: operands[0]! }, {});
    await output.show(answer, ({ models }, look) => modelTable(models, look));
    return EXIT.done;
  },
});
