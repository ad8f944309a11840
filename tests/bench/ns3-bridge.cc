// How fast ns-3 forwards 64-byte frames over a bridge: station - cable - bridge - cable - station, one frame after the
// other. The argument chooses the cable: "csma", ns-3's Ethernet, or "simple", a device without a medium.
// Prints the frames that were received and the seconds that the run took.
// Compile with -lns3-csma -lns3-bridge -lns3-network -lns3-core.

#include "ns3/bridge-net-device.h"
#include "ns3/core-module.h"
#include "ns3/csma-module.h"
#include "ns3/network-module.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

using namespace ns3;

namespace
{

const uint16_t ETHER_TYPE = 0x88b5; // IEEE 802, local experimental
const uint32_t PAYLOAD = 50;        // bytes; 64 with the Ethernet header
const uint64_t GAP = 10;            // microseconds between frames

uint64_t g_received = 0;

// A cable, and a device at its end in each of two nodes.
void
Connect(bool csma, Ptr<Node> one, Ptr<Node> other, Ptr<NetDevice>& atOne, Ptr<NetDevice>& atOther)
{
    Ptr<CsmaChannel> csmaCable = CreateObject<CsmaChannel>();
    Ptr<SimpleChannel> simpleCable = CreateObject<SimpleChannel>();
    for (Ptr<Node> node : {one, other})
    {
        Ptr<NetDevice>& device = node == one ? atOne : atOther;
        if (csma)
        {
            Ptr<CsmaNetDevice> made = CreateObject<CsmaNetDevice>();
            made->SetQueue(CreateObject<DropTailQueue<Packet>>());
            made->Attach(csmaCable);
            device = made;
        }
        else
        {
            Ptr<SimpleNetDevice> made = CreateObject<SimpleNetDevice>();
            made->SetChannel(simpleCable);
            device = made;
        }
        device->SetAddress(Mac48Address::Allocate());
        node->AddDevice(device);
    }
}

bool
Count(Ptr<NetDevice>, Ptr<const Packet>, uint16_t, const Address&)
{
    g_received++;
    return true;
}

void
SendNext(Ptr<NetDevice> from, Address to, uint64_t left)
{
    from->Send(Create<Packet>(PAYLOAD), to, ETHER_TYPE);
    if (left > 1)
    {
        Simulator::Schedule(MicroSeconds(GAP), &SendNext, from, to, left - 1);
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    const bool csma = argc > 1 && std::string(argv[1]) == "csma";
    const uint64_t frames = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1000000;
    Ptr<Node> left = CreateObject<Node>();
    Ptr<Node> middle = CreateObject<Node>();
    Ptr<Node> right = CreateObject<Node>();
    Ptr<NetDevice> sender, receiver, leftPort, rightPort;
    Connect(csma, left, middle, sender, leftPort);
    Connect(csma, right, middle, receiver, rightPort);
    Ptr<BridgeNetDevice> bridge = CreateObject<BridgeNetDevice>();
    middle->AddDevice(bridge);
    bridge->AddBridgePort(leftPort);
    bridge->AddBridgePort(rightPort);
    receiver->SetReceiveCallback(MakeCallback(&Count));
    // The bridge learns where the receiver is, so that frames are forwarded and not flooded.
    receiver->Send(Create<Packet>(PAYLOAD), sender->GetAddress(), ETHER_TYPE);
    Simulator::Schedule(MicroSeconds(100), &SendNext, sender, receiver->GetAddress(), frames);
    const auto begin = std::chrono::steady_clock::now();
    Simulator::Run();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    Simulator::Destroy();
    std::cout << g_received << " " << taken.count() << std::endl;
    return g_received == frames ? 0 : 1;
}
