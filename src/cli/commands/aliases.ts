import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { aliasTable } from "../model-table.ts";

export const aliases = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    const { models } = await client.call("listModels", {}, {});
    const found = models.filter((model) => model.alias);
    await output.show({ aliases: found }, (view, look) => aliasTable(view.aliases, look));
    return EXIT.done;
  },
});
