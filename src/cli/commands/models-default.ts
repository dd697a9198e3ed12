import { DispatchError } from "../../base/error.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const modelsDefault = command({
  operands: ["NAME"],
  flags: {},
  async run({ client, output }, { operands }) {
    const name = operands[0]!;
    const { models } = await client.call("listModels", {}, {});
    if (!models.some((model) => model.name === name))
      throw new DispatchError("not_found", `the configuration has no model ${name}`, {
        hint: "dispatch models",
        candidates: models.map((model) => model.name),
      });
    await client.call("setConfig", {}, { key: "default", value: name });
    await output.show({ default: name }, (view) => `New tasks use ${view.default}.`);
    return EXIT.done;
  },
});
