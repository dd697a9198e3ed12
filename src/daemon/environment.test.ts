import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Environments } from "./environment.ts";

test("the login shell's programs come first, and those that only the daemon finds are found too", async () => {
  const home = mkdtempSync(join(tmpdir(), "login-"));
  writeFileSync(join(home, ".profile"), "PATH=/opt/own:/usr/bin:/bin\nexport PATH FROM_PROFILE=yes\n");
  const own = { HOME: home, SHELL: "/bin/sh", PATH: "/srv/agents:/usr/bin:/bin" };
  const found = await new Environments(own).of("tsk_1");
  expect(found).toMatchObject({
    PATH: "/opt/own:/usr/bin:/bin:/srv/agents",
    FROM_PROFILE: "yes",
  });
  rmSync(home, { recursive: true });
});
