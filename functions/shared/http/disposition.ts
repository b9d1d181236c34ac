/** `Content-Disposition` of downloads (RFC 6266): always an attachment, whatever a browser could show. */

const PLAIN = /^[\w .()-]+$/;

/**
 * The header's value. A name of other than plain characters goes percent-encoded (RFC 8187), with a plain one beside it
 * for old clients: nothing of a name can end the header or begin another.
 */
export const attachment = (fileName: string): string => {
  if (PLAIN.test(fileName)) return `attachment; filename="${fileName}"`;
  const extension = /\.[a-z0-9]{1,5}$/.exec(fileName)?.[0] ?? '';
  // encodeURIComponent leaves '()*!, of which RFC 8187 takes ! alone.
  const encoded = encodeURIComponent(fileName.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="download${extension}"; filename*=UTF-8''${encoded}`;
};
