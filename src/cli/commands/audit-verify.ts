import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const auditVerify = command({
  operands: [],
  flags: {},
  details: "Every row carries the hash of the one before. Exit code: 0 whole, 1 broken.",
  async run({ client, output }) {
    const check = await client.call("verifyAudit", {}, {});
    await output.show(check, ({ rows, broken }) =>
      broken === null
        ? `The log is whole: ${rows === 1 ? "1 row" : `${rows} rows`}.`
        : `The log is broken at row ${broken.seq}: ${broken.because}.`,
    );
    return check.broken === null ? EXIT.done : EXIT.failed;
  },
});
