/** Errors as callers see them: RFC 9457 problem details, in Chinese, with nothing of our insides. */
import * as z from 'zod';
import { AppError, ConditionFailed, InvalidCursor, InvalidInput } from '../errors.ts';
import type { JsonObject } from '../ports.ts';

/** By status, for people. */
export const TITLES: Readonly<Record<number, string>> = {
  400: '请求有误',
  401: '尚未登录',
  403: '没有权限',
  404: '没有找到',
  405: '不支持此操作',
  408: '请求超时',
  409: '与当前状态不符',
  410: '已经失效',
  412: '内容已有变动',
  413: '内容过大',
  415: '内容格式不支持',
  422: '内容有误',
  428: '须注明所依据的版本',
  429: '请求过于频繁',
  431: '请求头过大',
  500: '系统故障',
  503: '暂时无法办理',
};

/** A hostile document can hold four faults in each of its 20,000 values; so many make an answer of about 1 MB. */
const MAX_FAULTS = 10_000;

/** The error as a caller may be told it; `undefined`: a fault of ours. */
export const asAppError = (error: unknown): AppError | undefined => {
  if (error instanceof AppError) return error;
  if (error instanceof ConditionFailed) {
    return new AppError('conflict', 409, '内容刚刚被他人更新，请刷新后重新办理。');
  }
  if (error instanceof InvalidCursor) {
    return new AppError('invalid-cursor', 400, '翻页标记无效，请从第一页重新查询。');
  }
  return undefined;
};

const details = (error: AppError): JsonObject => {
  if (!(error instanceof InvalidInput) || error.faults.length <= MAX_FAULTS) return error.details;
  return {
    faults: error.faults.slice(0, MAX_FAULTS).map((fault) => ({ ...fault })),
    faultsLeftOut: error.faults.length - MAX_FAULTS,
  };
};

/** What is told where the fault is ours. */
export const INTERNAL = new AppError(
  'internal',
  500,
  '系统出现故障，已记录。请稍后重试；如仍不行，请把编号告知工会工作人员。',
);

/** The problem document. `instance` is the correlation id, by which the log can be searched. */
export const problemOf = (error: AppError, correlationId: string): JsonObject => ({
  ...details(error),
  type: `urn:problem:${error.code}`,
  title: TITLES[error.status] ?? '无法办理',
  status: error.status,
  code: error.code,
  detail: error.message,
  instance: correlationId,
});

/** What every problem document holds; some codes add facts of their own. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  /** Stable, for programs. */
  code: z.string(),
  /** A Chinese sentence, for people. */
  detail: z.string(),
  /** The correlation id. */
  instance: z.string(),
  faults: z
    .array(
      z.strictObject({
        pointer: z.string(),
        code: z.string(),
        message: z.string(),
        in: z.enum(['path', 'query']).optional(),
      }),
    )
    .optional(),
});
