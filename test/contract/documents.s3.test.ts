import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { S3DocumentStore } from '#adapters/aws/documents.ts';
import { sendForm, startS3 } from '#test/support/s3.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { documentStoreContract } from './documents.contract.ts';

documentStoreContract('S3', async () => {
  const s3 = await startS3('uploads-bucket', 'archive-bucket');
  const client = s3.client();
  return {
    store: new S3DocumentStore({
      client,
      uploadsBucket: 'uploads-bucket',
      archiveBucket: 'archive-bucket',
      lockMode: 'GOVERNANCE',
      clock: new VirtualClock(Date.now()),
      sign: { form: createPresignedPost, link: getSignedUrl },
    }),
    upload: async (form, content) => {
      const response = await sendForm(form, content);
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    },
    download: async ({ url }) => {
      const response = await fetch(url);
      const content = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, content };
    },
    close: async () => {
      client.destroy();
      await s3.stop();
    },
  };
});
