import { join } from "node:path";
import type { World } from "../e2e/world.ts";
import { PRODUCT_BIN, type Product } from "./products.ts";

/** Runs a command of a product to its end, in a world's repository; the text is all that it printed. */
export async function runProduct(
  world: World,
  product: Product,
  ...args: string[]
): Promise<{ code: number; text: string }> {
  const child = Bun.spawn([join(PRODUCT_BIN, product), ...args], {
    cwd: world.repo,
    env: world.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, text: Bun.stripANSI(out + err) };
}
