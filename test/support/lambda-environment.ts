/** What a function's environment holds, by made-up values. */
export const LAMBDA_ENVIRONMENT = {
  AWS_REGION: 'cn-north-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  TABLE_NAME: 'table',
  UPLOADS_BUCKET: 'uploads',
  ARCHIVE_BUCKET: 'archive',
  ARCHIVE_LOCK_MODE: 'GOVERNANCE',
  STATE_MACHINE_ARN: 'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:filing:live',
  SEAL_KEY_ARN: 'arn:aws-cn:kms:cn-north-1:123456789012:key/1',
  INDEX_KEY_ARN: 'arn:aws-cn:kms:cn-north-1:123456789012:key/2',
  SIGNING_KEY_ARN: 'arn:aws-cn:kms:cn-north-1:123456789012:key/3',
  API_URL: 'https://api.example.cn',
  CENTRE_URL: 'https://centre.example.cn',
  CENTRE_SECRET_ARN: 'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:centre',
  MESSAGES_TOPIC_ARN: 'arn:aws-cn:sns:cn-north-1:123456789012:messages',
};
