/** What a command says of a file that the operating system wouldn't give or take. */

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: '没有这个文件或文件夹',
  EISDIR: '这是文件夹，这里要的是文件',
  ENOTDIR: '路径中有一段不是文件夹',
  EACCES: '没有权限',
  EPERM: '没有权限',
  ENOSPC: '磁盘已满',
  EROFS: '磁盘只能读，不能写',
};

/** A Chinese sentence with the path and the system's code; undefined where the error is no such fault, but one of ours. */
export const fileFault = (error: unknown): string | undefined => {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined;
  const code = String(error.code);
  const path = 'path' in error ? `“${String(error.path)}”` : '';
  return `无法读写文件${path}：${WORDS[code] ?? '系统报错'}（${code}）`;
};
