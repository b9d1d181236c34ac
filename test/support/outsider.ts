/** What an officer enters of an outsider who is to see papers (B-16). */
export const outsiderForm = (
  documents: readonly string[],
  change: Readonly<Record<string, unknown>> = {},
) => ({
  name: '钱七',
  body: '样例市审计局',
  bodyCode: '91350100M000100Y43',
  authority: '样审函〔2019〕7号',
  purpose: '核对救助资金发放',
  documents,
  days: 7,
  ...change,
});
