import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { usageError } from "../parse.ts";

const KINDS = ["done", "failed", "needs-you"] as const;

export const webhooksAdd = command({
  operands: ["URL"],
  details:
    "Messages are signed as Standard Webhooks says (standardwebhooks.com), and tried again for three days where the address does not answer.",
  flags: {
    on: { value: "KINDS", help: `what is told, with commas: ${KINDS.join(",")} (default: all)` },
    workspace: { value: "NAME", help: "only of this workspace" },
  },
  async run({ client, output }, { operands, flags }) {
    const body: CallInput<"addWebhook"> = { url: operands[0]! };
    if (flags.on !== undefined) body.on = kindsOf(flags.on);
    if (flags.workspace !== undefined) body.workspace = flags.workspace;
    await output.show(await client.call("addWebhook", {}, body), ({ webhook, secret }) =>
      [
        `${webhook.url} is told of: ${webhook.on.join(", ")}.`,
        `Its secret, which is shown this once: ${secret}`,
        `Try it: dispatch webhooks test ${webhook.id}`,
      ].join("\n"),
    );
    return EXIT.done;
  },
});

function kindsOf(text: string): (typeof KINDS)[number][] {
  return text.split(",").map((word) => {
    const kind = KINDS.find((each) => each === word.trim());
    if (!kind)
      throw usageError(`--on knows ${KINDS.join(", ")}, not ${word}`, "dispatch webhooks add --help");
    return kind;
  });
}
