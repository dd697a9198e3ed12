import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const configMigrate = command({
  operands: [],
  details:
    "Rewrites agents with their command inline as backends and models. Comments and unknown keys stay, and a copy is kept.",
  flags: {},
  async run({ client, output }) {
    await output.show(await client.call("migrateConfig", {}, {}), ({ path, backup, changes }) =>
      backup === null
        ? `${path} has the present form.`
        : [`Rewrote ${path}; as it was: ${backup}`, ...changes.map((change) => `  ${change}`)].join("\n"),
    );
    return EXIT.done;
  },
});
