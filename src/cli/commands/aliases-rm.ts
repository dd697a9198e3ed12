import { DispatchError } from "../../base/error.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const aliasesRemove = command({
  operands: ["NAME"],
  flags: {},
  async run({ client, output }, { operands }) {
    const name = operands[0]!;
    const { models } = await client.call("listModels", {}, {});
    const aliases = models.filter((model) => model.alias).map((model) => model.name);
    if (!aliases.includes(name))
      throw new DispatchError("not_found", `there is no alias ${name}`, {
        hint: "dispatch aliases",
        candidates: aliases,
      });
    await client.call("removeModel", { model: name }, {});
    await output.show({ removed: name }, (view) => `Removed the alias ${view.removed}.`);
    return EXIT.done;
  },
});
