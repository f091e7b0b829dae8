//! A name server on loopback whose answers are scripted, and a resolver that asks it as often as it is asked.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use simple_dns::rdata::{A, AAAA, RData};
use simple_dns::{CLASS, Name as DnsName, Packet, QTYPE, Question, ResourceRecord, TYPE};
use tokio::net::UdpSocket;

/// Longest message without extensions (RFC 1035).
const LONGEST: usize = 512;

type Failure = Box<dyn Error + Send + Sync>;

/// A running server.
pub(crate) struct NameServer {
    address: SocketAddr,
    lookups: Arc<AtomicUsize>,
}

impl NameServer {
    /// One answer for each lookup; the last one is given again and again. Without any, it is silent.
    pub(crate) async fn start(answers: &[&[&str]]) -> Self {
        let parsed = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let answers: Vec<Vec<IpAddr>> = answers.iter().map(parsed).collect();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let lookups = Arc::new(AtomicUsize::new(0));
        tokio::spawn(serve(socket, answers, Arc::clone(&lookups)));
        Self { address, lookups }
    }

    pub(crate) fn resolver(&self) -> impl Resolve + 'static {
        Resolver(self.address)
    }

    /// How many names it was asked for.
    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::Relaxed)
    }
}

async fn serve(socket: UdpSocket, answers: Vec<Vec<IpAddr>>, lookups: Arc<AtomicUsize>) {
    let mut buffer = [0; LONGEST];
    loop {
        let (length, resolver) = socket.recv_from(&mut buffer).await.unwrap();
        let query = Packet::parse(&buffer[..length]).unwrap();
        let question = query.questions[0].clone();
        // A lookup asks for both families, IPv4 first.
        let is_v4 = question.qtype == QTYPE::TYPE(TYPE::A);
        let lookup = match is_v4 {
            true => lookups.fetch_add(1, Ordering::Relaxed),
            false => lookups.load(Ordering::Relaxed) - 1,
        };
        let Some(answer) = answers.get(lookup).or(answers.last()) else {
            continue;
        };
        let mut reply = Packet::new_reply(query.id());
        for address in answer.iter().filter(|address| address.is_ipv4() == is_v4) {
            let name = question.qname.clone();
            let record = ResourceRecord::new(name, CLASS::IN, 0, data_of(*address));
            reply.answers.push(record);
        }
        reply.questions.push(question);
        let reply = reply.build_bytes_vec().unwrap();
        socket.send_to(&reply, resolver).await.unwrap();
    }
}

fn data_of(address: IpAddr) -> RData<'static> {
    match address {
        IpAddr::V4(address) => RData::A(A::from(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA::from(address)),
    }
}

struct Resolver(SocketAddr);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let server = self.0;
        Box::pin(async move {
            let mut addresses = ask(server, name.as_str(), TYPE::A).await?;
            addresses.extend(ask(server, name.as_str(), TYPE::AAAA).await?);
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

async fn ask(server: SocketAddr, name: &str, family: TYPE) -> Result<Vec<SocketAddr>, Failure> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.connect(server).await?;
    let mut query = Packet::new_query(1);
    let question = Question::new(DnsName::new(name)?, family.into(), CLASS::IN.into(), false);
    query.questions.push(question);
    socket.send(&query.build_bytes_vec()?).await?;
    let mut buffer = [0; LONGEST];
    let length = socket.recv(&mut buffer).await?;
    let reply = Packet::parse(&buffer[..length])?;
    let address = |record: &ResourceRecord<'_>| match &record.rdata {
        RData::A(A { address }) => Some(IpAddr::from(address.to_be_bytes())),
        RData::AAAA(AAAA { address }) => Some(IpAddr::from(address.to_be_bytes())),
        _ => None,
    };
    let addresses = reply.answers.iter().filter_map(address);
    Ok(addresses.map(|address| (address, 0).into()).collect())
}
