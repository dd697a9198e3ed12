import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { modelTable } from "../model-table.ts";

export const models = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    await output.show(await client.call("listModels", {}, {}), ({ models }, look) =>
      modelTable(models, look),
    );
    return EXIT.done;
  },
});
