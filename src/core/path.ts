/** True for the folder itself and what lies in it. @param path and @param folder absolute, resolved */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
