/**
 * The port to a controller in another process: finding the active one, and asking it again while another takes over, is its affair.
 *
 * Source: org.apache.kafka.server.common.NodeToControllerChannelManager.
 */
import type { ClientApi } from '@skarab/network';

/** Calls the active controller. */
export interface ControllerChannel {
  /**
   * Sends a request in the highest version that both sides know. An answer with the error code NOT_CONTROLLER is no answer.
   * Errors: ApiError REQUEST_TIMED_OUT when no controller has answered in time; UNSUPPORTED_VERSION when it does not know the API;
   * NOT_CONTROLLER when this node is the active one.
   */
  call<Request, Response extends { readonly errorCode?: number }>(
    api: ClientApi<Request, Response>,
    request: Request,
  ): Promise<Response>;
}

/** A channel of its own for each purpose, because the requests of one connection wait for each other. */
export interface ControllerChannels {
  /** Registration and heartbeats: nothing may hold them up. */
  readonly lifecycle: ControllerChannel;
  /** What replicas need: in-sync sets, directories, producer ids. */
  readonly replicas: ControllerChannel;
  /** What clients ask. */
  readonly forwarding: ControllerChannel;
}
