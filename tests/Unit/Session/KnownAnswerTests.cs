using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using P2PCopy.Files.Delta;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Links;
using P2PCopy.Session.Messages;
using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>
/// The bytes of protocol version 1. Vectors/p2pcopy.json was made by a second implementation of docs/protocol.md in
/// another language; a change here is a change of the protocol.
/// </summary>
public sealed class KnownAnswerTests
{
    private static readonly JsonElement P2PCopy = VectorFile.Read("p2pcopy.json");
    private static readonly JsonElement Primitives = VectorFile.Read("primitives.json");
    private static readonly JsonElement Pairing = P2PCopy.GetProperty("pairing");

    [Fact]
    public void Codes_have_their_routes_secrets_and_rooms()
    {
        foreach (JsonElement vector in P2PCopy.GetProperty("codes").EnumerateArray())
        {
            PairingCode code = PairingCode.Parse(vector.Text("typed"));
            Assert.Equal(
                (vector.Text("route"), vector.Text("secret"), vector.Text("room")),
                (code.Route, code.Secret, code.RoomName));
        }
    }

    [Fact]
    public void Hellos_read_and_write_as_they_stand_in_the_vectors()
    {
        foreach (var (name, role, start) in (ReadOnlySpan<(string, PeerRole, byte)>)[("helloSender", PeerRole.Send, 0x10), ("helloReceiver", PeerRole.Receive, 0xa0)])
        {
            byte[] nonce = [.. Enumerable.Range(start, 16).Select(i => (byte)i)];
            var hello = new Hello(new ProtocolVersion(1, 0), role, nonce, EncryptPayload: true, "0.1.0");
            Assert.Equal(Pairing.Text(name), Encoding.UTF8.GetString(hello.Encode()));
            Hello read = Hello.Parse(Encoding.UTF8.GetBytes(Pairing.Text(name)), ProtocolVersion.Current);
            Assert.Equal(hello with { Nonce = read.Nonce }, read);
            Assert.Equal(nonce, read.Nonce);
        }
    }

    [Fact]
    public void A_pairing_gives_its_shares_key_confirmations_and_session_secret()
    {
        PairingCode code = PairingCode.Parse(Pairing.Text("code"));
        byte[] prs = Encoding.UTF8.GetBytes(code.Secret), ci = PairingHandshake.ChannelId(code), sid = Pairing.Bytes("sid");
        byte[] helloSender = Encoding.UTF8.GetBytes(Pairing.Text("helloSender")), helloReceiver = Encoding.UTF8.GetBytes(Pairing.Text("helloReceiver"));
        Assert.Equal(Pairing.Bytes("prs"), prs);
        Assert.Equal(Pairing.Bytes("ci"), ci);
        Assert.Equal(Pairing.Bytes("generator"), CPace.Generator(prs, ci, sid));

        using CPace sender = CPace.Start(prs, ci, sid, Scalar("scalarSender")), receiver = CPace.Start(prs, ci, sid, Scalar("scalarReceiver"));
        Assert.Equal(Pairing.Bytes("shareSender"), sender.Share);
        Assert.Equal(Pairing.Bytes("shareReceiver"), receiver.Share);
        Assert.True(sender.TryFinish(receiver.Share, helloSender, helloReceiver, initiator: true, out byte[] key));
        Assert.True(receiver.TryFinish(sender.Share, helloReceiver, helloSender, initiator: false, out byte[] sameKey));
        Assert.Equal(Pairing.Bytes("isk"), key);
        Assert.Equal(key, sameKey);

        byte[] transcript = LengthValue.Concat(helloSender, helloReceiver, sender.Share, receiver.Share);
        Assert.Equal(Pairing.Bytes("transcriptHash"), SHA256.HashData(transcript));
        Assert.Equal(Pairing.Bytes("confirmSender"), PairingHandshake.Confirmation(key, PeerRole.Send, transcript));
        Assert.Equal(Pairing.Bytes("confirmReceiver"), PairingHandshake.Confirmation(key, PeerRole.Receive, transcript));
        Assert.Equal(Pairing.Bytes("sessionSecret"), KeySchedule.Derive(key, 32, "session"));
        using SessionKeys session = KeySchedule.Session(key);
        Assert.Equal(P2PCopy.GetProperty("session").Bytes("proofKey"), session.RejoinProof());
    }

    [Fact]
    public void A_session_gives_its_keys_and_rooms()
    {
        JsonElement vector = P2PCopy.GetProperty("session");
        using SessionKeys session = Session();
        Assert.Equal(vector.Bytes("proofKey"), session.RejoinProof());
        Assert.Equal(vector.Bytes("trailerKey"), session.Trailer());
        Assert.Equal(vector.Bytes("blockKey"), session.BlockDigests(BlockDigest.KeyLength));
        Assert.Equal(vector.Text("survivor"), session.SurvivorName());
        Assert.Equal(vector.Bytes("verifier"), session.Verifier());
        Assert.Equal(vector.Text("verificationWords"), VerificationWords.Of(session));
        foreach (JsonProperty room in vector.GetProperty("linkRooms").EnumerateObject())
            Assert.Equal(room.Value.GetString(), session.LinkRoom(int.Parse(room.Name)));
        foreach (JsonElement key in vector.GetProperty("recordKeys").EnumerateArray())
            Assert.Equal(key.Bytes("key"), Records(session, key).ForEpoch(key.GetProperty("epoch").GetInt32()));
    }

    [Fact]
    public void A_later_link_gives_its_proofs()
    {
        JsonElement vector = P2PCopy.GetProperty("link");
        using SessionKeys session = Session();
        foreach (var (name, role) in (ReadOnlySpan<(string, PeerRole)>)[("proofSender", PeerRole.Send), ("proofReceiver", PeerRole.Receive)])
        {
            byte[] proof = LinkHandshake.Proof(
                session.RejoinProof(), role, vector.GetProperty("stream").GetInt32(), vector.Bytes("senderNonce"), vector.Bytes("receiverNonce"));
            Assert.Equal(vector.Bytes(name), proof);
        }
    }

    [Fact]
    public void A_sequence_of_sealed_and_plain_records_over_two_epochs_is_sealed_and_opened()
    {
        JsonElement vector = P2PCopy.GetProperty("records");
        long epochLength = vector.GetProperty("epochLength").GetInt64();
        using SessionKeys session = Session();
        using var sealer = new RecordSealer(Records(session, vector), epochLength);
        using var opener = new RecordOpener(Records(session, vector), plainChunks: true, epochLength);
        foreach (JsonElement record in vector.GetProperty("sequence").EnumerateArray())
        {
            byte[] plaintext = record.Bytes("plaintext");
            byte[] buffer = [0, .. plaintext, .. new byte[16]];
            int length = record.GetProperty("plain").GetBoolean()
                ? sealer.MarkPlain(buffer, plaintext.Length)
                : sealer.Seal(buffer, plaintext.Length);
            Assert.Equal(record.Text("message"), Convert.ToHexStringLower(buffer.AsSpan(0, length)));

            byte[] message = record.Bytes("message");
            Assert.Equal(plaintext.Length, opener.Open(message));
            Assert.Equal(plaintext, message[1..(1 + plaintext.Length)]);
        }
    }

    [Fact]
    public void Bodies_of_records_read_and_write_as_they_stand_in_the_vectors()
    {
        var read = new List<RecordType>();
        foreach (JsonElement vector in P2PCopy.GetProperty("bodies").EnumerateArray())
        {
            var type = (RecordType)vector.GetProperty("type").GetByte();
            byte[] body = vector.Bytes("body");
            read.Add(type);
            switch (type)
            {
                case RecordType.Chunk:
                    var header = new ChunkHeader(
                        vector.GetProperty("number").GetInt64(),
                        vector.GetProperty("codec").GetByte(),
                        vector.GetProperty("last").GetBoolean(),
                        vector.GetProperty("rawLength").GetInt32(),
                        vector.GetProperty("payloadLength").GetInt32());
                    Assert.Equal(header, ChunkHeader.Parse(body));
                    byte[] written = new byte[ChunkHeader.Length];
                    header.Write(written);
                    Assert.Equal(body[..ChunkHeader.Length], written);
                    break;
                case RecordType.Control:
                    long number = vector.GetProperty("number").GetInt64();
                    byte[] json = Encoding.UTF8.GetBytes(vector.Text("json"));
                    Assert.Equal(body, ControlEnvelope.Encode(number, json)[1..]);
                    Assert.Equal(json, ControlEnvelope.Decode(body).Message);
                    break;
                case RecordType.Ack:
                    var ack = new AckState(
                        vector.GetProperty("nextControl").GetInt64(),
                        vector.GetProperty("nextChunk").GetInt64(),
                        [.. vector.GetProperty("beyond").EnumerateArray().Select(r => new ChunkRange(r[0].GetInt64(), r[1].GetUInt32()))]);
                    Assert.Equal(body, ack.Encode()[1..]);
                    Assert.Equal(ack.Arrived, AckState.Parse(body).Arrived);
                    break;
                case RecordType.Abort:
                    var abort = (Enum.Parse<P2PErrorCode>(vector.Text("code")), vector.Text("message"));
                    Assert.Equal(body, AbortRecord.Encode(abort.Item1, abort.Item2)[1..]);
                    Assert.Equal(abort, AbortRecord.Parse(body));
                    break;
                default:
                    Assert.Equal(RecordType.Heartbeat, type);
                    Assert.Empty(body);
                    break;
            }
        }

        Assert.Equal(Enum.GetValues<RecordType>(), read.Distinct());
    }

    [Fact]
    public void Payloads_are_padded_to_the_classes_of_the_vectors()
    {
        foreach (JsonElement vector in P2PCopy.GetProperty("lengthClasses").EnumerateArray())
            Assert.Equal(vector[1].GetInt32(), LengthClass.Of(vector[0].GetInt32()));
    }

    [Fact]
    public void Blocks_of_a_file_are_those_of_the_vectors()
    {
        JsonElement vector = P2PCopy.GetProperty("blocks");
        int length = vector.GetProperty("length").GetInt32();
        byte[] content = [.. Enumerable.Range(0, (length / SHA256.HashSizeInBytes) + 1).SelectMany(i => SHA256.HashData([.. "p2pcopy blocks"u8, .. BigEndian(i)])).Take(length)];
        using SessionKeys session = Session();
        byte[] key = session.BlockDigests(BlockDigest.KeyLength);
        Assert.Equal(vector.GetProperty("sizeLog2").GetInt32(), BlockParameters.For(length).SizeLog2);
        Assert.Equal(
            vector.GetProperty("list").EnumerateArray().Select(b => (b.GetProperty("length").GetInt32(), b.Text("digest"))),
            List(content, key).Select(b => (b.Length, b.Digest.ToString("x32", CultureInfo.InvariantCulture))));
        Assert.Equal(
            vector.GetProperty("lengthsOfZeros").EnumerateArray().Select(l => l.GetInt32()),
            List(new byte[vector.GetProperty("zeros").GetInt32()], key).Select(b => b.Length));

        static byte[] BigEndian(int number)
        {
            byte[] bytes = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(bytes, number);
            return bytes;
        }

        static List<(int Length, UInt128 Digest)> List(byte[] content, byte[] key)
        {
            List<(int Length, UInt128 Digest)> list = [];
            using var splitter = new BlockSplitter(BlockParameters.For(content.Length), key, content.Length, (length, digest) => list.Add((length, digest)));
            splitter.Append(content);
            splitter.Complete();
            return list;
        }
    }

    [Fact]
    public void Trailers_of_a_good_a_failed_and_an_unhashed_file_are_those_of_the_vectors()
    {
        JsonElement vector = P2PCopy.GetProperty("trailer");
        using SessionKeys session = Session();
        byte[] digest = vector.Bytes("sha256");
        Assert.Equal(vector.Text("good"), Write(Trailer.Good, digest));
        Assert.Equal(vector.Text("failed"), Write(Trailer.Failed, Trailer.NoDigest));
        Assert.Equal(vector.Text("withoutHash"), Write(Trailer.GoodWithoutHash, Trailer.NoDigest));

        string Write(byte status, ReadOnlySpan<byte> hash)
        {
            byte[] trailer = new byte[Trailer.Length];
            Trailer.Write(
                trailer,
                session.Trailer(),
                vector.GetProperty("round").GetInt32(),
                vector.GetProperty("entry").GetInt64(),
                status,
                vector.GetProperty("length").GetInt64(),
                hash);
            return Convert.ToHexStringLower(trailer);
        }
    }

    [Fact]
    public void The_platform_gives_the_published_answers_of_AES_GCM()
    {
        foreach (JsonElement vector in Primitives.GetProperty("aesGcm").GetProperty("vectors").EnumerateArray())
        {
            byte[] text = vector.Bytes("plaintext");
            byte[] tag = new byte[16];
            using var cipher = new AesGcm(vector.Bytes("key"), 16);
            cipher.Encrypt(vector.Bytes("nonce"), text, text, tag, vector.Bytes("aad"));
            Assert.Equal(vector.Bytes("ciphertext"), text);
            Assert.Equal(vector.Bytes("tag"), tag);
            cipher.Decrypt(vector.Bytes("nonce"), text, tag, text, vector.Bytes("aad"));
            Assert.Equal(vector.Bytes("plaintext"), text);
        }
    }

    [Fact]
    public void The_platform_gives_the_published_answers_of_HKDF()
    {
        foreach (JsonElement vector in Primitives.GetProperty("hkdf").GetProperty("vectors").EnumerateArray())
        {
            byte[] expected = vector.Bytes("okm");
            byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, vector.Bytes("ikm"), expected.Length, vector.Bytes("salt"), vector.Bytes("info"));
            Assert.Equal(expected, key);
        }
    }

    [Fact]
    public void The_checksum_is_CRC_32C_however_the_data_is_cut()
    {
        foreach (JsonElement vector in Primitives.GetProperty("crc32c").GetProperty("vectors").EnumerateArray())
        {
            byte[] data = vector.Bytes("data");
            uint expected = Convert.ToUInt32(vector.Text("crc"), 16);
            for (int cut = 0; cut <= data.Length; cut++)
                Assert.Equal(expected, Crc32C.Append(Crc32C.Append(0, data.AsSpan(0, cut)), data.AsSpan(cut)));
        }
    }

    private static SessionKeys Session() => new(P2PCopy.GetProperty("session").Bytes("secret"));

    private static RecordKeys Records(SessionKeys session, JsonElement vector) => session.Records(
        Enum.Parse<LinkPurpose>(vector.Text("purpose"), ignoreCase: true),
        Enum.Parse<PeerRole>(vector.Text("direction"), ignoreCase: true),
        vector.GetProperty("stream").GetInt32(),
        vector.Bytes("senderNonce"),
        vector.Bytes("receiverNonce"));

    private static ECDiffieHellman Scalar(string name)
        => P256.ToKey(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Pairing.Bytes(name) });
}
