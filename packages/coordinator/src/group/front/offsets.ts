/**
 * OffsetCommit, OffsetFetch and OffsetDelete before and after their deciders.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorService (commitOffsets, fetchOffsets, deleteOffsets).
 */
import { ErrorCode, newOffsetDeleteResponse } from '@skarab/protocol';
import { commitOffsets } from '../offsets/commit-offsets.ts';
import { deleteOffsets } from '../offsets/delete-offsets.ts';
import { fetchOffsets } from '../offsets/fetch-offsets.ts';
import { writeErrorToResponse } from '../write-error.ts';
import { type Call, either, type Front } from './call.ts';
import { errorResponse } from './error-response.ts';

/** OffsetCommit; the empty group id is a group like others here. */
export function offsetCommit(front: Front, { context, request, reply, nowMs }: Call<'offsetCommit'>): void {
  const { apiVersion } = context;
  front.runtime.write(
    front.partitionFor(request.groupId),
    ({ parts }) => commitOffsets(parts, request, apiVersion, nowMs),
    either(
      (response) => reply.send(response),
      (error) => reply.send(errorResponse('offsetCommit', request, writeErrorToResponse(error), apiVersion)),
    ),
    nowMs,
  );
}

/** One group of an OffsetFetch; a stable one waits for the writes it has seen. */
export function offsetFetch(front: Front, { context, request, reply, nowMs }: Call<'offsetFetch'>): void {
  const { apiVersion } = context;
  const partition = front.partitionFor(request.group.groupId);
  const refuse = (error: ErrorCode): void => reply.send(errorResponse('offsetFetch', request, error, apiVersion));
  if (request.requireStable) {
    front.runtime.write(
      partition,
      ({ parts }) => fetchOffsets(parts, request),
      either(
        (response) => reply.send(response),
        (error) => refuse(fetchError(error)),
      ),
      nowMs,
    );
    return;
  }
  front.runtime.read(
    partition,
    ({ parts }) => fetchOffsets(parts, request),
    either((verdict) => (verdict.kind === 'refusal' ? refuse(verdict.error) : reply.send(verdict.response)), refuse),
    nowMs,
  );
}

/** Consumers before 3.9 would give up on a timeout or on COORDINATOR_NOT_AVAILABLE here. */
function fetchError(error: ErrorCode): ErrorCode {
  const mapped = writeErrorToResponse(error);
  const isRemapped = mapped === ErrorCode.COORDINATOR_NOT_AVAILABLE && error !== mapped;
  return isRemapped ? ErrorCode.NOT_COORDINATOR : mapped;
}

/** OffsetDelete. */
export function offsetDelete(front: Front, { request, reply, nowMs }: Call<'offsetDelete'>): void {
  const { groupId } = request;
  const refuse = (errorCode: ErrorCode): void => reply.send(newOffsetDeleteResponse({ errorCode }));
  if (groupId === '') {
    refuse(ErrorCode.INVALID_GROUP_ID);
    return;
  }
  front.runtime.write(
    front.partitionFor(groupId),
    ({ parts }) => deleteOffsets(parts, request),
    either(
      (response) => reply.send(response),
      (error) => refuse(writeErrorToResponse(error)),
    ),
    nowMs,
  );
}
