/** Files of `plugins/` that the program carries as text. */
declare module "*.md" {
  const text: string;
  export default text;
}
