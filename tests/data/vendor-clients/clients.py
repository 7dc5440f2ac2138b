"""Creates, lists and deletes an EIP and a disk with the vendor's clients.

usage: clients.py ENDPOINT AK SK REGION
"""

import sys
import time
import uuid

from ctyun_python_sdk_core import ClientConfig
from ctyunsdk_ebs20220909.ebs_client import EbsClient
from ctyunsdk_ebs20220909.models import (
    V4EbsInfoEbsRequest,
    V4EbsListEbsRequest,
    V4EbsNewEbsRequest,
    V4EbsRefundEbsRequest,
)
from ctyunsdk_eip20220909.eip_client import EipClient
from ctyunsdk_eip20220909.models import (
    V4EipCreateRequest,
    V4EipDeleteRequest,
    V4EipNewListRequest,
    V4EipShowRequest,
)

endpoint, access_key, secret_key, region = sys.argv[1:]
config = ClientConfig(endpoint, access_key, secret_key)
eips = EipClient(config)
disks = EbsClient(config)


def token():
    return str(uuid.uuid4())


def check(answer, code=800):
    """A call with this status."""
    assert answer.statusCode in (code, str(code)), answer
    return answer


def until(what, look):
    """Calls `look` until it returns something."""
    for _ in range(100):
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(what)


def eip():
    create = V4EipCreateRequest(
        clientToken=token(),
        regionID=region,
        cycleType="on_demand",
        cycleCount=None,
        name="front",
        bandwidth=5,
        demandBillingType="bandwidth",
    )
    # The same call with the same token says how its order stands.
    made = until("the EIP is created", lambda: check(eips.v4_eip_create(create)).returnObj.eipID)

    def listed():
        request = V4EipNewListRequest(clientToken=token(), regionID=region)
        return check(eips.v4_eip_new_list(request)).returnObj

    found = listed()
    assert [one.ID for one in found.eips] == [made], found
    assert (found.eips[0].name, found.eips[0].bandwidth, found.totalCount) == ("front", 5, 1), found

    delete = V4EipDeleteRequest(clientToken=token(), regionID=region, eipID=made)
    check(eips.v4_eip_delete(delete))
    until("the EIP is deleted", lambda: not listed().eips)
    gone = check(eips.v4_eip_show(V4EipShowRequest(regionID=region, eipID=made)), 900)
    assert gone.errorCode == "Openapi.Eip.NotFound", gone


def disk():
    create = V4EbsNewEbsRequest(
        regionID=region,
        diskMode="VBD",
        diskType="SATA",
        diskName="data",
        diskSize=40,
        clientToken=token(),
    )

    def ordered():
        answer = disks.v4_ebs_new_ebs(create)
        if answer.errorCode == "ebs.order.inProgress":
            return None
        return check(answer).returnObj.resources[0].diskID

    made = until("the disk is created", ordered)

    def listed():
        request = V4EbsListEbsRequest(regionID=region)
        return check(disks.v4_ebs_list_ebs(request)).returnObj.diskList

    found = listed()
    assert [one.diskID for one in found] == [made], found
    assert (found[0].diskName, found[0].diskSize) == ("data", 40), found

    refund = V4EbsRefundEbsRequest(diskID=made, regionID=region, clientToken=token(), deleteSnapWithEbs=True)
    disks.v4_ebs_refund_ebs(refund)
    until("the disk is deleted", lambda: not listed())
    gone = check(disks.v4_ebs_info_ebs(V4EbsInfoEbsRequest(diskID=made, regionID=region)), 900)
    assert gone.errorCode == "ebs.ebsInfo.notExists", gone


def wrong_key():
    """A secret key that is not the account's is refused."""
    other = EipClient(ClientConfig(endpoint, access_key, secret_key[::-1]))
    answer = other.v4_eip_new_list(V4EipNewListRequest(clientToken=token(), regionID=region))
    assert answer.statusCode == 900 and answer.errorCode == "401", answer
    assert "signature verification failed" in answer.message, answer


eip()
disk()
wrong_key()
