import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { aliasTable } from "../model-table.ts";
import { usageError } from "../parse.ts";

export const aliasesAdd = command({
  operands: ["NAME"],
  examples: ['dispatch aliases add reviewer --model opus --prompt "You are a strict reviewer."'],
  flags: {
    model: { value: "NAME", help: "the model that it stands for", short: "m" },
    prompt: { value: "TEXT", help: "the role that its workers take on" },
  },
  async run({ client, output }, { operands, flags }) {
    if (flags.model === undefined) throw usageError("--model is missing", "dispatch models");
    const prompt = flags.prompt === undefined ? {} : { prompt: flags.prompt };
    const { models } = await client.call(
      "addAlias",
      {},
      { name: operands[0]!, model: flags.model, ...prompt },
    );
    const aliases = models.filter((each) => each.alias);
    await output.show({ aliases }, (view, look) => aliasTable(view.aliases, look));
    return EXIT.done;
  },
});
